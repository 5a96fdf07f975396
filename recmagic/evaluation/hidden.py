"""What may not be listed: items hidden from everybody, and cells hidden from one user each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

NOTHING = np.zeros(1, np.int64)  # the items hidden where all may be listed: row 0, the unknown one


@dataclass(frozen=True)
class Hidden:
    """The hidden cells of scores (U, I): the `items` (C,), and one by one item `cell_items[n]` of `cell_users[n]`.

    A user is meant by the place in the block, not by the row. Listed one by one they are a hundredth of what a mask is.
    """

    items: NDArray[Any]
    cell_users: NDArray[Any]
    cell_items: NDArray[Any]

    @classmethod
    def of(cls, user_rows: NDArray[np.int32], items: NDArray[Any], seen: csr_matrix | None) -> Hidden:
        """Hide the items, and what each of the users has seen, CSR (users + 1, items + 1)."""
        if seen is None:
            return cls(items, np.zeros(0, np.int64), np.zeros(0, np.int64))
        cell_users, _, cell_items = cells_of(seen, user_rows)
        return cls(items, cell_users, cell_items)

    def put(self, array: NDArray[Any], value: Any) -> None:
        """Write a value into the hidden cells of an array (U, I)."""
        array[:, self.items] = value
        array[self.cell_users, self.cell_items] = value

    def mask(self, shape: tuple[int, int]) -> NDArray[np.bool_]:
        """Return which cells are hidden, bool (U, I)."""
        mask = np.zeros(shape, bool)
        self.put(mask, True)
        return mask


def cells_of(matrix: csr_matrix, rows: NDArray[np.int32]) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Return what these rows of a matrix hold, one cell after the other: its place among the rows, its number in the
    row, and its column."""
    first = matrix.indptr[rows]
    number = matrix.indptr[rows + 1] - first
    place = np.repeat(np.arange(len(rows)), number)
    nth = np.arange(len(place)) - np.repeat(np.cumsum(number) - number, number)
    return place, nth, matrix.indices[first[place] + nth]
