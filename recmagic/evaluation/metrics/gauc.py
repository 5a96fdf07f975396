"""How well each user's positive rows are ranked above the same user's others (Zhou et al. 2018)."""

from __future__ import annotations

import numpy as np

from recmagic.evaluation.pairs import Pairs


def gauc(pairs: Pairs) -> float:
    """AUC within each user, weighted by the user's rows; users with rows of one class only are left out."""
    positive = pairs.positive
    users, user = np.unique(pairs.user_row, return_inverse=True)
    order = np.lexsort((pairs.predicted, user))
    rank = _rank_in_user(user[order], pairs.predicted[order])
    count = np.bincount(user)
    hits = np.bincount(user, weights=positive)
    rank_sum = np.bincount(user[order], weights=rank * positive[order], minlength=len(users))
    both = (hits > 0) & (hits < count)
    if not both.any():
        return float("nan")
    below = rank_sum[both] - hits[both] * (hits[both] + 1) / 2
    return float(np.average(below / (hits[both] * (count - hits)[both]), weights=count[both]))


def _rank_in_user(user: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Return the mean rank, from 1, of each row within its user; rows come sorted by user and prediction."""
    place = np.arange(len(user))
    new_user = np.r_[True, user[1:] != user[:-1]]
    new_tie = new_user | np.r_[True, predicted[1:] != predicted[:-1]]
    begin = np.flatnonzero(new_tie)
    end = np.r_[begin[1:], len(user)]
    mean_place = ((begin + end - 1) / 2)[np.cumsum(new_tie) - 1]
    return np.asarray(mean_place - np.maximum.accumulate(np.where(new_user, place, 0)) + 1)
