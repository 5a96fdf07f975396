"""EASE: a linear model from items to items, solved in closed form."""

from __future__ import annotations

from copy import copy

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import lapack

from recmagic.errors import ModelError
from recmagic.scorers import Log, on_all_items

LARGEST = 40_000  # items; the matrix then takes 6 GiB, and solving it as much again


class EASE:
    """Score an item by weights of all others that the user has: least squares, no item predicting itself.

    With G the gram matrix of users' items plus `regularization` on its diagonal, and P its inverse, the weights are
    -P_ij / P_jj (Steck 2019, Embarrassingly shallow autoencoders for sparse data). Items without interactions have no
    score. ValueError where the regularisation is not above 0.
    """

    ranks_cold = True

    def __init__(self, regularization: float = 500.0) -> None:
        if not regularization > 0:
            raise ValueError(f"regularization is a number above 0, not {regularization!r}.")
        self.regularization = float(regularization)

    def fit(self, log: Log) -> EASE:
        """Solve for the weights of a log's items, in float32; ModelError where there are too many."""
        self.items, self.count = np.flatnonzero(log.counts), log.shape[1]
        if len(self.items) > LARGEST:
            raise ModelError(f"EASE needs a matrix of {len(self.items):,} × {len(self.items):,} numbers, "
                             f"{len(self.items) ** 2 * 4 / 2**30:,.0f} GiB.", "Take ItemKNN(), or a larger --min-item.")
        self.past = log.matrix[:, self.items]
        gram = (self.past.T @ self.past).toarray(order="F")
        gram[np.diag_indices_from(gram)] += self.regularization
        self.weights = _inverse(gram)
        self.weights /= -np.diag(self.weights).copy()
        np.fill_diagonal(self.weights, 0.0)
        return self

    def knowing(self, log: Log) -> EASE:
        """Return the same weights over another log of what users have."""
        other = copy(self)
        other.past = log.matrix[:, self.items]
        return other

    def score(self, user_rows: NDArray[np.int32]) -> NDArray[np.float32]:
        """Return the scores float32 (users, items + 1)."""
        return on_all_items(self.past[user_rows] @ self.weights, self.items, self.count)

    def terms(self, user_row: int, item_row: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return the items that a user has (n,), and what each adds to the score of an item (n,)."""
        held, place = self.past[user_row].indices, np.flatnonzero(self.items == item_row)
        return self.items[held], self.weights[held][:, place].sum(axis=1)


def _inverse(matrix: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the inverse of a positive definite matrix by its Cholesky factor, in its place."""
    if not len(matrix):
        return matrix
    factor, _ = lapack.spotrf(matrix, lower=1, overwrite_a=1)
    inverse, _ = lapack.spotri(factor, lower=1, overwrite_c=1)
    upper = np.triu_indices_from(inverse, 1)
    inverse[upper] = inverse.T[upper]
    return np.asarray(inverse)
