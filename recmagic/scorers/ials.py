"""iALS: matrix factorisation of who has what, by alternating least squares."""

from __future__ import annotations

from copy import copy
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from recmagic.errors import ModelError
from recmagic.scorers import Log, on_all_items


class IALS:
    """Score an item by the product of its vector and the user's, fitted to 1 where the user has it and 0 elsewhere.

    What a user has weighs `alpha`, everything else 1; `regularization` is the same for every vector (Hu, Koren &
    Volinsky 2008, Collaborative filtering for implicit feedback datasets), by the library `implicit`. Items without
    interactions have no score. ValueError where a setting makes no sense.
    """

    ranks_cold = True

    def __init__(self, width: int = 64, regularization: float = 30.0, alpha: float = 5.0, epochs: int = 15,
                 seed: int = 0) -> None:
        if not all(isinstance(each, int) and each >= 1 for each in (width, epochs)):
            raise ValueError(f"width and epochs are whole numbers from 1 up, not {width!r} and {epochs!r}.")
        if not regularization > 0 or not alpha > 1:
            raise ValueError("regularization is above 0, and alpha above 1, the weight of everything else.")
        self.width, self.regularization, self.alpha = width, float(regularization), float(alpha)
        self.epochs, self.seed = epochs, seed

    def fit(self, log: Log) -> IALS:
        """Solve for users' and items' vectors in turn; ModelError where `implicit` is not installed."""
        self.items, self.count = np.flatnonzero(log.counts), log.shape[1]
        try:
            from implicit.cpu.als import AlternatingLeastSquares
            from threadpoolctl import threadpool_limits
        except ImportError:
            raise ModelError("IALS needs the library implicit, which is not installed.",
                             'Install it with: pip install "recmagic[implicit]".') from None
        with threadpool_limits(1, "blas"):  # it has threads of its own, which a threaded BLAS would get in the way of
            self.model: Any = AlternatingLeastSquares(
                factors=self.width, regularization=self.regularization, alpha=self.alpha, iterations=self.epochs,
                random_state=self.seed)
            self.model.fit(log.matrix[:, self.items], show_progress=False)
        self.users = np.asarray(self.model.user_factors)
        return self

    def knowing(self, log: Log) -> IALS:
        """Return the same vectors of items, and vectors of users solved anew from another log."""
        other, past = copy(self), log.matrix[:, self.items]
        rows = np.flatnonzero(np.diff(past.indptr))
        other.users = np.zeros((log.shape[0], self.width), np.float32)
        other.users[rows] = self.model.recalculate_user(rows, csr_matrix(past[rows]))
        return other

    def score(self, user_rows: NDArray[np.int32]) -> NDArray[np.float32]:
        """Return the scores float32 (users, items + 1)."""
        return on_all_items(self.users[user_rows] @ self.model.item_factors.T, self.items, self.count)
