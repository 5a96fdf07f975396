"""How popular the recommended items are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recmagic.evaluation.ranks import Ranks


def popularity(ranks: Ranks, k: int = 10) -> NDArray[np.float64]:
    """Mean number of training interactions of the items in the first k."""
    return ranks.mean_of(ranks.catalogue.counts, k)
