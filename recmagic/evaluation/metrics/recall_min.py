"""Recall against what a list of k can hold."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recmagic.evaluation.ranks import Ranks


def recall_min(ranks: Ranks, k: int = 10) -> NDArray[np.float64]:
    """Relevant items in the first k, divided by the smaller of k and the user's relevant items."""
    return ranks.hits_in(k) / np.minimum(ranks.relevant, k)
