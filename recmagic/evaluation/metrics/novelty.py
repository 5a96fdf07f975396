"""How little known the recommended items are (Vargas and Castells 2011)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recmagic.evaluation.ranks import Ranks


def novelty(ranks: Ranks, k: int = 10) -> NDArray[np.float64]:
    """Mean of -log2(share of training users who have the item) over the first k; an item without users counts one."""
    surprise = -np.log2(np.maximum(ranks.catalogue.counts, 1) / max(ranks.catalogue.users, 1))
    return ranks.mean_of(surprise, k)
