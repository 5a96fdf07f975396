"""The paired bootstrap: how far a mean over users could be off, by drawing the users anew many times."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BLOCK = 2**22  # users drawn at once


def resampled_means(values: NDArray[np.float64], resamples: int, seed: int) -> NDArray[np.float64]:
    """Return the means (resamples, M) of values (U, M) over U users drawn with replacement, the same for each column.

    Efron and Tibshirani 1993, An introduction to the bootstrap, chapters 6 and 8.
    """
    random = np.random.default_rng(seed)
    users, means = len(values), np.empty((resamples, values.shape[1]))
    height = max(1, BLOCK // users)
    for start in range(0, resamples, height):
        block = means[start : start + height]
        drawn = random.integers(users, size=(len(block), users)) + users * np.arange(len(block))[:, None]
        times = np.bincount(drawn.ravel(), minlength=users * len(block)).reshape(len(block), users)
        block[:] = times @ values / users
    return means


def interval(means: NDArray[np.float64], level: float = 0.95) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return low (M,) and high (M,), between which `level` of the means (resamples, M) lie."""
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return low, high


def p_values(means: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return twice the share of means (resamples, M) that lie on the rarer side of 0, at most 1: (M,).

    The 95 % interval leaves out 0 where it is below 0.05. What was measured counts as one more resample, so that no p
    is 0 (Davison and Hinkley 1997, Bootstrap methods and their application, section 4.2).
    """
    rarer = np.minimum((means <= 0).sum(axis=0), (means >= 0).sum(axis=0))
    return np.asarray(np.minimum(2 * (rarer + 1) / (len(means) + 1), 1.0), dtype=np.float64)


def significant(p: NDArray[np.float64], level: float = 0.05) -> NDArray[np.bool_]:
    """Return which of several comparisons (M,) stand where none of them being chance is wanted (Holm 1979)."""
    order = np.argsort(p, kind="stable")
    stands = np.logical_and.accumulate(p[order] < level / np.arange(len(p), 0, -1))
    found = np.empty(len(p), dtype=bool)
    found[order] = stands
    return found
