"""Relevant items, weighted by how high they stand (Järvelin and Kekäläinen 2002)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recmagic.evaluation.ranks import Ranks


def ndcg(ranks: Ranks, k: int = 10) -> NDArray[np.float64]:
    """Sum of 1 / log2(rank + 1) over the relevant of the first k, divided by the best such sum that k places allow."""
    gains = 1.0 / np.log2(np.arange(2, k + 2))
    ideal = np.cumsum(gains)[np.minimum(ranks.relevant, k) - 1]
    found = ranks.expected[:, :k]
    return np.asarray(found @ gains[: found.shape[1]] / ideal)
