"""How often the predicted class is right."""

from __future__ import annotations

import numpy as np

from recmagic.evaluation.pairs import Pairs


def accuracy(pairs: Pairs) -> float:
    """Share of the rows of the part whose prediction falls on the right side of 0.5."""
    return float(np.mean(pairs.called == pairs.positive))
