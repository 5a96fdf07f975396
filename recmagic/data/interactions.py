"""The interactions, sorted by user, time and order in the file, each in a part of the split."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from recmagic.data.column import Column
from recmagic.data.split import TEST, TRAIN, VALID

PARTS: dict[int | str, int] = {"train": TRAIN, "valid": VALID, "test": TEST, TRAIN: TRAIN, VALID: VALID, TEST: TEST}


@dataclass(frozen=True, eq=False, repr=False)
class Interactions:
    """Arrays of n rows, sorted by (user_row, time, order in the file), stably.

    `user_row`, `item_row` int32; `rating` float32 or None, in the table's units; `timestamp` float64 seconds or None;
    `positive` bool; `part` int8: 0 training, 1 validation, 2 test; `columns` the typed columns of this side;
    `shape` is (users + 1, items + 1).
    """

    user_row: NDArray[np.int32]
    item_row: NDArray[np.int32]
    rating: NDArray[np.float32] | None
    timestamp: NDArray[np.float64] | None
    positive: NDArray[np.bool_]
    part: NDArray[np.int8]
    columns: dict[str, Column]
    shape: tuple[int, int]

    def __len__(self) -> int:
        return len(self.user_row)

    def __repr__(self) -> str:
        return f"Interactions({len(self):,} rows in arrays; the Dataset's .df has them as a table)"

    def seen(self, parts: Iterable[int | str]) -> csr_matrix:
        """Return which user has which item in these parts, positive or not: CSR bool (users + 1, items + 1)."""
        return self._matrix(np.isin(self.part, [PARTS[part] for part in parts]))

    def relevant(self, part: int | str) -> csr_matrix:
        """Return the positives of one part: CSR bool (users + 1, items + 1)."""
        return self._matrix((self.part == PARTS[part]) & self.positive)

    def _matrix(self, chosen: NDArray[np.bool_]) -> csr_matrix:
        rows, columns = self.user_row[chosen], self.item_row[chosen]
        return csr_matrix((np.ones(len(rows), dtype=bool), (rows, columns)), shape=self.shape)
