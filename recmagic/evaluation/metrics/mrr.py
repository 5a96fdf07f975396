"""How far down the first relevant item stands."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recmagic.evaluation.ranks import Ranks


def mrr(ranks: Ranks, k: int = 10) -> NDArray[np.float64]:
    """1 / the rank of the first relevant item, 0 past k."""
    unhit = ranks.unhit[:, :k]
    before = np.concatenate([np.ones((len(unhit), 1)), unhit[:, :-1]], axis=1)
    return (before * ranks.hazard[:, :k]) @ (1.0 / np.arange(1, unhit.shape[1] + 1))
