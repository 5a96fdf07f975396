"""How much of the list is relevant."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recmagic.evaluation.ranks import Ranks


def precision(ranks: Ranks, k: int = 10) -> NDArray[np.float64]:
    """Relevant items in the first k, divided by k."""
    return ranks.hits_in(k) / k
