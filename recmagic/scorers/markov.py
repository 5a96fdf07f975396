"""First-order Markov: what others took right after the item that the user took last."""

from __future__ import annotations

from copy import copy

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from recmagic.scorers import Log, on_all_items

TIE = 1e-7  # of an item's popularity: too little to outweigh a count, enough to order items that tie


class Markov:
    """Score an item by how often it came right after the user's last item, and among equals by its popularity.

    Counts of a first-order Markov chain (as in Rendle et al. 2010, Factorizing personalized Markov chains). A user
    without a past gets the most popular items; items without interactions have no score.
    """

    ranks_cold = True

    def fit(self, log: Log) -> Markov:
        """Count what follows what in a log."""
        user, item, count = log.user_row, log.item_row, log.shape[1]
        same = user[1:] == user[:-1]
        pairs = (item[:-1][same], item[1:][same])
        self.follows = csr_matrix((np.ones(int(same.sum())), pairs), shape=(count, count))
        self.items, self.popularity = np.flatnonzero(log.counts), log.counts * TIE
        self.last = _last(log)
        return self

    def knowing(self, log: Log) -> Markov:
        """Return the same counts over another log, whose last items are the users' last."""
        other = copy(self)
        other.last = _last(log)
        return other

    def score(self, user_rows: NDArray[np.int32]) -> NDArray[np.float64]:
        """Return the scores float64 (users, items + 1)."""
        scores = self.follows[self.last[user_rows]].toarray() + self.popularity
        return on_all_items(scores[:, self.items], self.items, len(self.popularity))


def _last(log: Log) -> NDArray[np.int32]:
    """Return each user's last item (users + 1,), 0 where there is none."""
    last = np.zeros(log.shape[0], np.int32)
    last[log.user_row] = log.item_row  # sorted by time within a user: the last one written stays
    return last
