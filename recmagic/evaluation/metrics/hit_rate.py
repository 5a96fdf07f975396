"""Whether the list holds anything relevant."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recmagic.evaluation.ranks import Ranks


def hit_rate(ranks: Ranks, k: int = 10) -> NDArray[np.float64]:
    """1 if any of the first k is relevant, else 0."""
    return 1.0 - ranks.unhit[:, :k][:, -1]
