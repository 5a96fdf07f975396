"""The ceiling: rank by the true preference where a simulation knows it, the best that any list could do."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from recmagic.data.dataset import Dataset


class Ceiling:
    """Scores every item, cold ones too, by `data.truth`."""

    ranks_cold = True

    def __init__(self, data: Dataset, truth: Any) -> None:
        self.truth = truth
        self.user_ids = data.users.ids
        self.item_ids = data.items.ids[1:]

    def score(self, user_rows: NDArray[np.int32]) -> NDArray[np.float64]:
        """Return the expected preference, (users, items + 1), -inf for row 0."""
        known = np.asarray(self.truth.scores(self.user_ids[user_rows], self.item_ids), dtype=np.float64)
        return np.concatenate([np.full((len(known), 1), -np.inf), known], axis=1)
