"""How many of a user's relevant items the list holds; of a 0/1 target, how many of the rows of 1 are called so."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recmagic.evaluation.pairs import Pairs
from recmagic.evaluation.ranks import Ranks


def recall(ranks: Ranks, k: int = 10) -> NDArray[np.float64]:
    """Relevant items in the first k, divided by all relevant items of the user in this part."""
    return ranks.hits_in(k) / ranks.relevant


def of_rows(pairs: Pairs) -> float:
    """Share of those predicted at least 0.5 among the rows of the part that are 1; no number if none is."""
    return float((pairs.called & pairs.positive).sum() / (pairs.positive.sum() or np.nan))
