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
    words = _words(values)
    blocks = [_distance(words, listed[start : start + 256]) for start in range(0, len(listed), 256)]
    return np.concatenate(blocks)


def _words(values: NDArray[np.bool_]) -> list[NDArray[np.uint64]]:
    """Return the flags (items + 1, V) as bits of numbers, an array (items + 1,) for 64 flags."""
    padded = np.pad(values, ((0, 0), (0, -values.shape[1] % 64)))
    return list(np.packbits(padded, axis=1).view(np.uint64).T.copy())


def _distance(words: list[NDArray[np.uint64]], listed: NDArray[np.int32]) -> NDArray[np.float64]:
    """Return the mean Jaccard distance of the pairs of each list; 0 for a list of fewer than two items."""
    first, second = np.triu_indices(listed.shape[1], 1)
    sizes, shared = np.zeros(listed.T.shape, np.float32), np.zeros((len(first), len(listed)), np.float32)
    for word in words:
        bits = word[listed.T]
        sizes += np.bitwise_count(bits)
        shared += np.bitwise_count(bits[first] & bits[second])
    alike = shared / np.maximum(sizes[first] + sizes[second] - shared, 1.0)  # item 0 has no values: it is like no other
    count = np.count_nonzero(listed, axis=1)
    pairs = count * (count - 1) // 2
    return np.where(pairs > 0, 1.0 - alike.sum(axis=0, dtype=np.float64) / np.maximum(pairs, 1), 0.0)
