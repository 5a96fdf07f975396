"""How much of the list is relevant; of a 0/1 target, how many of the rows called 1 are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recmagic.evaluation.pairs import Pairs
from recmagic.evaluation.ranks import Ranks


def precision(ranks: Ranks, k: int = 10) -> NDArray[np.float64]:
    """Relevant items in the first k, divided by k."""
    return ranks.hits_in(k) / k


def of_rows(pairs: Pairs) -> float:
    """Share of 1 among the rows of the part whose prediction is at least 0.5; 0 if there is no such row."""
    return float((pairs.called & pairs.positive).sum() / max(pairs.called.sum(), 1))
