"""How well positive rows are ranked above the others."""

from __future__ import annotations

import numpy as np

from recmagic.evaluation.pairs import Pairs


def auc(pairs: Pairs) -> float:
    """Probability that a positive row of the part scores above a negative one, over all pairs; a tie counts half."""
    positive = pairs.positive
    hits, misses = int(positive.sum()), int((~positive).sum())
    if not hits or not misses:
        return float("nan")
    _, place, count = np.unique(pairs.predicted, return_inverse=True, return_counts=True)
    rank = (np.cumsum(count) - (count - 1) / 2)[place]  # the mean rank of each tie, from 1
    below = rank[positive].sum() - hits * (hits + 1) / 2
    return float(below / (np.float64(hits) * misses))
