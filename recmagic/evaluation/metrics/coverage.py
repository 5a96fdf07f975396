"""How much of the catalogue is recommended at all."""

from __future__ import annotations

import numpy as np

from recmagic.evaluation.ranks import Ranks


def coverage(ranks: Ranks, k: int = 10) -> float:
    """Distinct items in the first k of all lists, divided by the items of the catalogue."""
    times = np.bincount(ranks.items[:, :k].ravel(), minlength=1)
    return float(np.count_nonzero(times[1:]) / ranks.catalogue.item_count)
