"""Markov and EASE as plain scorers, for the gates: counts of what follows what, and a linear item-to-item model."""

from __future__ import annotations

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import csr_matrix

from recmagic.data.dataset import Dataset


class Markov:
    """Scores an item by how often it directly followed the user's last item, plus `tie` x its popularity."""

    ranks_cold = True

    def __init__(self, data: Dataset, parts: tuple[int, ...], tie: float = 0.0) -> None:
        kept = np.isin(data.interactions.part, parts)
        user, item = data.interactions.user_row[kept], data.interactions.item_row[kept]
        same = user[1:] == user[:-1]
        shape = (data.items.count + 1,) * 2
        self.follows = csr_matrix((np.ones(same.sum()), (item[:-1][same], item[1:][same])), shape=shape)
        self.last = np.zeros(data.users.count + 1, dtype=np.int64)
        self.last[user] = item  # sorted by time within a user: the last one stays
        self.extra = tie * np.bincount(item, minlength=data.items.count + 1)

    def score(self, user_rows: np.ndarray) -> np.ndarray:
        return self.follows[self.last[user_rows]].toarray() + self.extra


class Ease:
    """EASE (Steck 2019): B = I - P / diag(P), P the inverse of the gram matrix plus a multiple of the identity."""

    ranks_cold = True

    def __init__(self, history: csr_matrix, regularization: float) -> None:
        self.history = history.astype(np.float32)
        gram = np.asarray((self.history.T @ self.history).todense(), dtype=np.float32)
        gram[np.diag_indices_from(gram)] += regularization
        inverse = cho_solve(cho_factor(gram, overwrite_a=True), np.eye(len(gram), dtype=np.float32), overwrite_b=True)
        self.weights = -inverse / np.diag(inverse)
        np.fill_diagonal(self.weights, 0.0)

    def score(self, user_rows: np.ndarray) -> np.ndarray:
        return self.history[user_rows] @ self.weights
