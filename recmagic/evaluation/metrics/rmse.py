"""How far predictions are off, large errors counting more."""

from __future__ import annotations

import numpy as np

from recmagic.evaluation.pairs import Pairs

lower_is_better = True


def rmse(pairs: Pairs) -> float:
    """Root of the mean squared error over all rows of the part; predictions clipped to the scale seen in training."""
    return float(np.sqrt(np.mean(np.square(pairs.clipped - pairs.target))))
