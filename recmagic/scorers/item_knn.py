"""ItemKNN: items like those that the user has."""

from __future__ import annotations

from copy import copy

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, vstack

from recmagic.scorers import Log, on_all_items

BLOCK = 512  # items whose similarities are dense at a time


class ItemKNN:
    """Score an item by its similarity to those that the user has, of the `neighbours` most similar to it.

    Similarity is the cosine of who has the items, n_ij / (sqrt(n_i n_j) + shrinkage): shrinkage lowers that of items
    which few users have (Sarwar et al. 2001, Item-based collaborative filtering recommendation algorithms). Items
    without interactions have no score. ValueError where a setting makes no sense.
    """

    ranks_cold = True

    def __init__(self, neighbours: int = 100, shrinkage: float = 10.0) -> None:
        if not isinstance(neighbours, int) or neighbours < 1:
            raise ValueError(f"neighbours is a whole number from 1 up, not {neighbours!r}.")
        if not shrinkage >= 0:
            raise ValueError(f"shrinkage is a number from 0 up, not {shrinkage!r}.")
        self.neighbours, self.shrinkage = neighbours, float(shrinkage)

    def fit(self, log: Log) -> ItemKNN:
        """Count which items users have together, and keep each item's nearest."""
        self.items, self.count = np.flatnonzero(log.counts), log.shape[1]
        self.past = log.matrix[:, self.items]
        users = self.past.T.tocsr()
        length = np.sqrt(np.asarray(users.sum(axis=1), np.float32).ravel())
        nearest = [self._nearest(users[start : start + BLOCK] @ self.past, start, length)
                   for start in range(0, len(self.items), BLOCK)]
        # A column an item, holding its neighbours: what a user has, times this, is the sum over them.
        self.similarity = vstack(nearest or [csr_matrix(np.zeros((0, 0), np.float32))]).T.tocsr()
        return self

    def _nearest(self, together: csr_matrix, start: int, length: NDArray[np.float32]) -> csr_matrix:
        """Return the similarity (block, items) of a block of items to their nearest, given how many users have both."""
        rows = np.arange(together.shape[0])
        cosine = together.toarray() / (np.outer(length[start + rows], length) + self.shrinkage)
        cosine[rows, start + rows] = 0.0  # an item is no neighbour of its own
        kept = min(self.neighbours, len(length))
        best = np.argpartition(-cosine, kept - 1, axis=1)[:, :kept]
        cells = np.take_along_axis(cosine, best, axis=1).ravel(), best.ravel(), kept * np.arange(len(rows) + 1)
        found = csr_matrix(cells, shape=cosine.shape)
        found.eliminate_zeros()
        return found

    def knowing(self, log: Log) -> ItemKNN:
        """Return the same similarities over another log of what users have."""
        other = copy(self)
        other.past = log.matrix[:, self.items]
        return other

    def score(self, user_rows: NDArray[np.int32]) -> NDArray[np.float32]:
        """Return the scores float32 (users, items + 1)."""
        return on_all_items((self.past[user_rows] @ self.similarity).toarray(), self.items, self.count)

    def terms(self, user_row: int, item_row: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return the items that a user has (n,), and what each adds to the score of an item (n,)."""
        held, place = self.past[user_row].indices, np.flatnonzero(self.items == item_row)
        return self.items[held], np.asarray(self.similarity[held][:, place].sum(axis=1), np.float32).ravel()
