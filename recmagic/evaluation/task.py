"""What is asked of a scorer: whose lists, which items are hidden from each, and which are relevant."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from recmagic.data.dataset import Dataset
from recmagic.errors import DataError
from recmagic.evaluation.catalogue import Catalogue
from recmagic.evaluation.hidden import NOTHING, Hidden, cells_of

# For the test, a user's history is training and validation; what it holds is hidden and is what a scorer may know.
HISTORY = {"valid": ("train",), "test": ("train", "valid")}
# A data set never changes, and putting its log in order takes a good part of the time that ranking takes.
_TASKS: WeakKeyDictionary[Dataset, dict[tuple[str, bool], Task]] = WeakKeyDictionary()


@dataclass(frozen=True)
class Task:
    """Full-catalogue ranking for the users who have something relevant in one part.

    `users` int32 (U,); `relevant` and `seen` are CSR bool (users + 1, items + 1), relevant without what is seen unless
    seen items may be listed (then `seen` is None); `cold` bool (items + 1,) has no training interaction, as row 0 has
    none; `warm_users` bool (U,); `left_out` counts the users with nothing relevant.
    """

    on: str
    users: NDArray[np.int32]
    relevant: csr_matrix
    seen: csr_matrix | None
    cold: NDArray[np.bool_]
    warm_users: NDArray[np.bool_]
    left_out: int
    catalogue: Catalogue

    @classmethod
    def of(cls, data: Dataset, on: str = "test", include_seen: bool = False) -> Task:
        """Set the task on the "valid" or "test" part, once for each data set; DataError if it has nothing relevant."""
        if on not in HISTORY:
            raise DataError(f"There is no part '{on}' to evaluate on.", 'Take "valid" or "test".')
        tasks = _TASKS.setdefault(data, {})
        if (on, include_seen) not in tasks:
            tasks[on, include_seen] = cls._set(data, on, include_seen)
        return tasks[on, include_seen]

    @classmethod
    def _set(cls, data: Dataset, on: str, include_seen: bool) -> Task:
        relevant = data.interactions.relevant(on)
        seen = None if include_seen else data.interactions.seen(HISTORY[on])
        if seen is not None:
            relevant = _without(relevant, seen)
        users = np.flatnonzero(np.diff(relevant.indptr)).astype(np.int32)
        if not len(users):
            hint = "Choose another split, or a weaker --positive." if relevant.shape[0] > 1 else "The data is empty."
            raise DataError(f"The {on} part of {data.name} has no relevant item for any user.", hint)
        cold = ~data.items.warm
        warm = data.users.warm[users]
        return cls(on, users, relevant, seen, cold, warm, data.users.count - len(users), Catalogue.of(data))

    @property
    def relevant_counts(self) -> NDArray[np.int64]:
        """How many relevant items each of the users has, (U,), at least 1."""
        return np.diff(self.relevant.indptr)[self.users].astype(np.int64)

    def hidden(self, user_rows: NDArray[np.int32], ranks_cold: bool) -> Hidden:
        """Return what may not be listed: row 0, what the user has seen, and cold items unless they can be ranked."""
        return Hidden.of(user_rows, NOTHING if ranks_cold else self.cold_items, self.seen)

    @cached_property
    def cold_items(self) -> NDArray[np.int64]:
        """The rows of the cold items, the unknown one among them."""
        return np.flatnonzero(self.cold)

    @cached_property
    def most_relevant(self) -> int:
        """How many relevant items the user has who has most."""
        return int(self.relevant_counts.max())

    def relevant_items(self, user_rows: NDArray[np.int32]) -> NDArray[np.int32]:
        """Return the relevant items of these users, int32 (rows, T) padded with -1; T is the same for all blocks."""
        place, nth, items = cells_of(self.relevant, user_rows)
        padded = np.full((len(user_rows), self.most_relevant), -1, dtype=np.int32)
        padded[place, nth] = items
        return padded

    def on_cold_items(self) -> Task | None:
        """Return the task where only cold items are relevant, or None if none is."""
        return self.on_items(self.cold)

    def on_items(self, items: NDArray[np.bool_]) -> Task | None:
        """Return the task where only some items, bool (items + 1,), are relevant, or None if none is."""
        wanted = self.relevant.tocoo()
        kept = items[wanted.col]
        if not kept.any():
            return None
        cells = (wanted.data[kept], (wanted.row[kept], wanted.col[kept]))
        relevant = csr_matrix(cells, shape=self.relevant.shape)
        users = np.flatnonzero(np.diff(relevant.indptr)).astype(np.int32)
        warm = self.warm_users[np.searchsorted(self.users, users)]
        left_out = self.left_out + len(self.users) - len(users)
        return replace(self, users=users, relevant=relevant, warm_users=warm, left_out=left_out)


def _without(relevant: csr_matrix, seen: csr_matrix) -> csr_matrix:
    """Return the cells of the first matrix that the second lacks."""
    kept = relevant.astype(np.int8) - relevant.multiply(seen).astype(np.int8)
    kept.eliminate_zeros()
    return csr_matrix(kept.astype(bool))
