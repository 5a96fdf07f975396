"""How many of a user's relevant items the list holds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recmagic.evaluation.ranks import Ranks


def recall(ranks: Ranks, k: int = 10) -> NDArray[np.float64]:
    """Relevant items in the first k, divided by all relevant items of the user in this part."""
    return ranks.hits_in(k) / ranks.relevant
