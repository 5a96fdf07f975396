"""How far predictions are off."""

from __future__ import annotations

import numpy as np

from recmagic.evaluation.pairs import Pairs

lower_is_better = True


def mae(pairs: Pairs) -> float:
    """Mean absolute error over all rows of the part; predictions clipped to the scale seen in training."""
    return float(np.mean(np.abs(pairs.clipped - pairs.target)))
