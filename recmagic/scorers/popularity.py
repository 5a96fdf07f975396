"""Popularity: everybody gets the items that most interactions are with."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


class Popularity:
    """Score an item by its number of interactions, for every user alike: the floor under every model."""

    ranks_cold = True

    def fit(self, interactions: Any) -> Popularity:
        """Count the interactions of a matrix (users + 1, items + 1), sparse or dense; row and column 0 are unknown."""
        self.counts = np.asarray(interactions.sum(axis=0), dtype=np.float32).ravel()
        return self

    def score(self, user_rows: NDArray[np.int32]) -> NDArray[np.float32]:
        """Return the counts for each user: float32 (users, items + 1), read-only."""
        return np.broadcast_to(self.counts, (len(user_rows), len(self.counts)))
