"""How well predicted probabilities fit what happened."""

from __future__ import annotations

import numpy as np

from recmagic.evaluation.pairs import Pairs

lower_is_better = True


def logloss(pairs: Pairs) -> float:
    """Mean of -ln(probability given to what happened) over all rows of the part, each kept 1e-7 off 0 and 1."""
    chance = np.clip(pairs.predicted, 1e-7, 1 - 1e-7)
    return float(-np.mean(np.where(pairs.positive, np.log(chance), np.log1p(-chance))))
