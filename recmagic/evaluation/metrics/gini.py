"""How unequally the recommendations fall on the items."""

from __future__ import annotations

import numpy as np

from recmagic.evaluation.ranks import Ranks


def gini(ranks: Ranks, k: int = 10) -> float:
    """Gini index of how often each item is in the first k of a list: 0 all alike, towards 1 a few items only."""
    counts = np.sort(np.bincount(ranks.items[:, :k].ravel(), minlength=len(ranks.catalogue.counts))[1:])
    weights = 2 * np.arange(1, len(counts) + 1) - len(counts) - 1
    return float(weights @ counts / (len(counts) * max(counts.sum(), 1)))
