"""Scorers that count or solve instead of training, one a file: each with `fit`, `knowing` and `score`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix


@dataclass(frozen=True, eq=False)
class Log:
    """What users took, sorted by user and then by time: what a scorer is fitted to, and what it knows of its users.

    `user_row` and `item_row` int32 (n,); `timestamp` float64 seconds (n,), where known; `shape` is (users + 1,
    items + 1), and row 0 of both is the unknown one.
    """

    user_row: NDArray[np.int32]
    item_row: NDArray[np.int32]
    timestamp: NDArray[np.float64] | None
    shape: tuple[int, int]

    @classmethod
    def of(cls, interactions: Any, parts: Iterable[int]) -> Log:
        """Return the positives in some parts of the interactions of a Dataset: 0 training, 1 validation, 2 test."""
        chosen = np.isin(interactions.part, list(parts)) & interactions.positive
        times = interactions.timestamp
        return cls(interactions.user_row[chosen], interactions.item_row[chosen],
                   None if times is None else times[chosen], interactions.shape)

    @cached_property
    def counts(self) -> NDArray[np.int64]:
        """How many interactions each item has, (items + 1,)."""
        return np.bincount(self.item_row, minlength=self.shape[1])

    @cached_property
    def matrix(self) -> csr_matrix:
        """Who has what: CSR float32 (users + 1, items + 1), 1 however often."""
        found = csr_matrix((np.ones(len(self.user_row), np.float32), (self.user_row, self.item_row)), shape=self.shape)
        found.sum_duplicates()
        found.data[:] = 1.0
        return found


def on_all_items(scores: NDArray[Any], items: NDArray[np.int64], count: int) -> NDArray[Any]:
    """Return scores (U, n) of some items as those of all (U, count): the others are never listed."""
    found = np.full((len(scores), count), -np.inf, scores.dtype)
    found[:, items] = scores
    return found
