"""The vectors, the seen and the relevant items that every ranking engine is given, and the metrics of its lists."""

from dataclasses import dataclass

import numpy as np

WIDTH, RELEVANT, K = 64, 10, 20


@dataclass(frozen=True)
class Lists:
    """What is ranked: vectors of users (U, 64) and items (I, 64), the items seen by each user as the indices `seen` and
    `starts` (U + 1,) of a CSR matrix, and each user's relevant items (U, 10), none of them seen."""

    users: np.ndarray
    items: np.ndarray
    seen: np.ndarray
    starts: np.ndarray
    relevant: np.ndarray

    def seen_pairs(self, start: int, stop: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the rows, from 0, and the items of what a block of users has seen."""
        counts = np.diff(self.starts[start : stop + 1])
        return np.repeat(np.arange(stop - start), counts), self.seen[self.starts[start] : self.starts[stop]]


def made(user_count: int, item_count: int) -> Lists:
    """Return made data in which a user has seen about 100 items, and few items are seen by most."""
    rng = np.random.default_rng(0)
    vectors = [rng.normal(size=(count, WIDTH)).astype(np.float32) for count in (user_count, item_count)]
    counts = np.clip(np.exp(rng.normal(4.3, 0.9, user_count)).astype(int), 10, 500) + 2 * RELEVANT
    users = np.repeat(np.arange(user_count), counts)
    pairs = np.unique(users * item_count + (rng.random(len(users)) ** 2 * item_count).astype(np.int64))
    pairs = pairs[np.lexsort((rng.random(len(pairs)), pairs // item_count))]
    users, items = pairs // item_count, (pairs % item_count).astype(np.int32)
    firsts = np.searchsorted(users, np.arange(user_count))
    relevant = firsts[:, None] + np.arange(RELEVANT)
    rest = np.delete(np.arange(len(users)), relevant.ravel())
    starts = np.searchsorted(users[rest], np.arange(user_count + 1))
    return Lists(*vectors, items[rest], starts, items[relevant])


def measured(best: np.ndarray, relevant: np.ndarray) -> dict[str, float]:
    """Return the metrics of lists (U, 20), best first, that recmagic and RecBole measure too."""
    hits = np.zeros(best.shape, bool)
    for place in range(RELEVANT):
        hits |= best == relevant[:, place, None]
    places = np.arange(1, K + 1)
    found = hits.sum(axis=1)
    gain = 1 / np.log2(places + 1)
    recall, precision = found / RELEVANT, found / K
    return {
        "recall": recall.mean(),
        "precision": precision.mean(),
        "f1": (2 * precision * recall / np.maximum(precision + recall, 1e-12)).mean(),
        "hit_rate": (found > 0).mean(),
        "mrr": (hits / places).max(axis=1).mean(),
        "map": (hits * np.cumsum(hits, axis=1) / places).sum(axis=1).mean() / RELEVANT,
        "ndcg": (hits @ gain).mean() / gain[:RELEVANT].sum(),
    }
