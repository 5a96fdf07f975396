"""The ceiling: rank by the true preference where a simulation knows it, the best that any list could do."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recmagic.data.dataset import Dataset
from recmagic.data.interactions import PARTS

AT_A_TIME = ("time", "last")  # the splits whose parts have a moment at which a list would be made


class Ceiling:
    """Scores every item, cold ones too, by `data.truth`, given what each user had seen when the part begins.

    `truth.scores(user_ids, item_ids, at, until)` takes seconds, one a user: for the split `time` the part's first and
    last, for `last` those of the user's own rows in it.
    """

    ranks_cold = True

    def __init__(self, data: Dataset, on: str) -> None:
        self.truth = data.truth
        self.user_ids = data.users.ids
        self.item_ids = data.items.ids[1:]
        self.first, self.last = _span(data, on)

    @staticmethod
    def known(data: Dataset) -> bool:
        """Return whether the data knows its truth at the moments of its split."""
        return data.truth is not None and data.split_name in AT_A_TIME

    def score(self, user_rows: NDArray[np.int32]) -> NDArray[np.float64]:
        """Return the expected preference, (users, items + 1), -inf for row 0."""
        ids, span = self.user_ids[user_rows], (self.first[user_rows], self.last[user_rows])
        known = np.asarray(self.truth.scores(ids, self.item_ids, *span), dtype=np.float64)
        return np.concatenate([np.full((len(known), 1), -np.inf), known], axis=1)


def _span(data: Dataset, on: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the first and last second (users + 1,) of a part for each user."""
    events = data.interactions
    assert events.timestamp is not None  # both splits are by time
    chosen = events.part == PARTS[on]
    times, users = events.timestamp[chosen], events.user_row[chosen]
    first, last = np.full(data.users.count + 1, times.min()), np.full(data.users.count + 1, times.max())
    if data.split_name == "last":
        last[users], first[users[::-1]] = times, times[::-1]  # rows are sorted by time, and the last one written stays
    return first, last
