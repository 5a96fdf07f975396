"""How unlike each other the items of one list are (Ziegler et al. 2005)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recmagic.evaluation.ranks import Ranks


def intra_list_diversity(ranks: Ranks, k: int = 10) -> NDArray[np.float64]:
    """Mean over the pairs of items in the first k of 1 - shared values / all values of their multi-valued columns."""
    values = ranks.catalogue.values
    listed = ranks.items[:, :k]
    if values is None:
        return np.full(len(listed), np.nan)
    blocks = [_distance(values, listed[start : start + 512]) for start in range(0, len(listed), 512)]
    return np.concatenate(blocks)


def _distance(values: NDArray[np.bool_], listed: NDArray[np.int32]) -> NDArray[np.float64]:
    """Return the mean Jaccard distance of the pairs of each list; 0 for a list of fewer than two items."""
    sets = values[listed].astype(np.float32)
    shared = sets @ sets.transpose(0, 2, 1)
    sizes = sets.sum(axis=2)
    union = sizes[:, :, None] + sizes[:, None, :] - shared
    apart = 1.0 - shared / np.maximum(union, 1.0)
    real = listed > 0
    pair = real[:, :, None] & real[:, None, :] & ~np.eye(listed.shape[1], dtype=bool)
    return np.asarray((apart * pair).sum(axis=(1, 2)) / np.maximum(pair.sum(axis=(1, 2)), 1), dtype=np.float64)
