"""Popularity: everybody gets the items that most interactions are with."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recmagic.errors import ModelError
from recmagic.scorers import Log

DAY = 86_400.0  # seconds


class Popularity:
    """Score an item by its number of interactions, for every user alike: the floor under every model.

    With `half_life`, in days, an interaction counts half as much for each such time between it and the latest one.
    ValueError where it is not above 0.
    """

    ranks_cold = True

    def __init__(self, half_life: float | None = None) -> None:
        if half_life is not None and not half_life > 0:
            raise ValueError(f"half_life is a number of days above 0, not {half_life!r}.")
        self.half_life = half_life

    def fit(self, log: Log) -> Popularity:
        """Count the interactions of a log; ModelError where they should decay and have no times."""
        if self.half_life is None:
            self.counts = log.counts.astype(np.float32)
            return self
        if log.timestamp is None:
            raise ModelError("Popularity cannot decay: the data has no times.", "Write a cell: score = Popularity()")
        age = (log.timestamp.max(initial=-np.inf) - log.timestamp) / (self.half_life * DAY)
        self.counts = np.bincount(log.item_row, 0.5**age, log.shape[1]).astype(np.float32)
        return self

    def knowing(self, log: Log) -> Popularity:
        """Return itself: it looks at no user's past."""
        return self

    def score(self, user_rows: NDArray[np.int32]) -> NDArray[np.float32]:
        """Return the counts for each user: float32 (users, items + 1), read-only."""
        return np.broadcast_to(self.counts, (len(user_rows), len(self.counts)))
