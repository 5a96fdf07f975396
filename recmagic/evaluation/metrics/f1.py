"""Precision and recall in one number."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recmagic.evaluation.pairs import Pairs
from recmagic.evaluation.ranks import Ranks


def f1(ranks: Ranks, k: int = 10) -> NDArray[np.float64]:
    """Harmonic mean of precision@k and recall@k, per user: twice the hits over (k + relevant items)."""
    return 2 * ranks.hits_in(k) / (k + ranks.relevant)


def of_rows(pairs: Pairs) -> float:
    """Harmonic mean of precision and recall over the rows of the part, at 0.5; no number if no row is 1."""
    if not pairs.positive.any():
        return float("nan")
    return float(2 * (pairs.called & pairs.positive).sum() / (pairs.called.sum() + pairs.positive.sum()))
