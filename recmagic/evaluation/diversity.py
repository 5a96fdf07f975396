"""Lists whose items differ: maximal marginal relevance (MMR; Carbonell & Goldstein 1998)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from recmagic.evaluation.likeness import Likeness

POOL = 100  # the best items, among which the list is chosen; more where the list is longer than half of that


def pool_size(k: int) -> int:
    """Return among how many of the best items a list of k is chosen."""
    return max(POOL, 2 * k)


def diversified(items: NDArray[np.int32], scores: NDArray[Any], alike: Likeness, k: int,
                diversity: float) -> tuple[NDArray[np.int32], NDArray[Any]]:
    """Choose k of each user's best items (U, P), one after the other; return items and scores (U, k), in that order.

    Each choice has the highest (1 - diversity) x relevance - diversity x likeness to the nearest one chosen before.
    Relevance is the score, from 0 for the last of the pool to 1 for the first, so that it compares with a cosine.
    """
    chosen = np.zeros((len(items), k), np.int64)
    for user, (row, score) in enumerate(zip(items, scores)):
        chosen[user] = _chosen(row, np.asarray(score, np.float64), alike, k, diversity)
    return np.take_along_axis(items, chosen, axis=1), np.take_along_axis(scores, chosen, axis=1)


def _chosen(items: NDArray[np.int32], scores: NDArray[np.float64], alike: Likeness, k: int,
            diversity: float) -> list[int]:
    """Return k places of the pool; those where it has ended come last."""
    count = int(np.count_nonzero(items))
    low, high = (scores[:count].min(), scores[:count].max()) if count else (0.0, 0.0)
    relevance = (scores[:count] - low) / max(high - low, 1e-12)
    likeness = alike.between(items[:count], items[:count])
    nearest, left, places = np.zeros(count), np.ones(count, bool), list[int]()
    while len(places) < min(k, count):
        worth = np.where(left, (1 - diversity) * relevance - diversity * nearest, -np.inf)
        best = int(np.argmax(worth))
        places.append(best)
        left[best] = False
        nearest = likeness[best] if len(places) == 1 else np.maximum(nearest, likeness[best])
    return places + list(range(count, count + k - len(places)))
