"""Precision and recall in one number."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recmagic.evaluation.ranks import Ranks


def f1(ranks: Ranks, k: int = 10) -> NDArray[np.float64]:
    """Harmonic mean of precision@k and recall@k, per user: twice the hits over (k + relevant items)."""
    return 2 * ranks.hits_in(k) / (k + ranks.relevant)
