"""Precision at each relevant item, averaged."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recmagic.evaluation.ranks import Ranks


def map(ranks: Ranks, k: int = 10) -> NDArray[np.float64]:
    """Sum of precision@r over the ranks r <= k with a relevant item, divided by min(k, the user's relevant items)."""
    before = ranks.found + ranks.offset * np.maximum(ranks.hits - 1, 0) / np.maximum(ranks.size - 1, 1)
    sums = (ranks.expected * (1.0 + before))[:, :k]
    return sums @ (1.0 / np.arange(1, sums.shape[1] + 1)) / np.minimum(ranks.relevant, k)
