"""How much of the catalogue is recommended at all."""

from __future__ import annotations

import numpy as np

from recmagic.evaluation.ranks import Ranks


def coverage(ranks: Ranks, k: int = 10) -> float:
    """Distinct items in the first k of all lists, divided by the items of the catalogue."""
    listed = np.unique(ranks.items[:, :k])
    return float((listed > 0).sum() / ranks.catalogue.item_count)
