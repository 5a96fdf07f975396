"""The protocols that a quality is reached on, the same rows for every engine, and ndcg@10 of vectors (full ranking)."""

from dataclasses import dataclass

import numpy as np
from data import FOLDER, read_log

K, EPOCHS = 10, 200
TRAIN, VALID, TEST = 0, 1, 2
GOALS = {"quality": 0.235, "quality-sasrec": 0.15}


@dataclass(frozen=True)
class Split:
    """Interactions sorted by user, then time: user rows and item rows (n,) from 1, and the part of each, int8 (n,)."""

    users: np.ndarray
    items: np.ndarray
    part: np.ndarray

    def pairs(self, *parts: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the users and items of some parts, from 0."""
        chosen = np.isin(self.part, parts)
        return self.users[chosen] - 1, self.items[chosen] - 1


def read_split(work: str) -> Split:
    """Return protocol B (ML-1M, rating >= 3, random 8:1:1 a user) or, for SASRec, A (the literature's last item)."""
    if work == "quality-sasrec":
        users, items = np.loadtxt(FOLDER / "ml-1m" / "ml-1m_sas.txt", np.int32).T
        left = np.searchsorted(users, users, side="right") - 1 - np.arange(len(users))
        return Split(users, items, np.select([left == 0, left == 1], [TEST, VALID], TRAIN).astype(np.int8))
    log = read_log("ml-1m")
    kept = log.ratings >= 3
    users, items = (np.unique(each[kept], return_inverse=True)[1] + 1 for each in (log.users, log.items))
    drawn = np.lexsort((np.random.default_rng(0).random(len(users)), users))  # a user's rows, in an order drawn anew
    place, count = np.empty(len(users), int), np.bincount(users)[users]
    place[drawn] = np.arange(len(users)) - np.searchsorted(users, users)
    tenth = np.maximum(count // 10, 1)
    return Split(users, items, np.select([place < tenth, place < 2 * tenth], [TEST, VALID], TRAIN).astype(np.int8))


def ndcg(users: np.ndarray, items: np.ndarray, split: Split) -> float:
    """Return ndcg@10 on the test part for vectors of users (U, D) and items (I, D); what came before it is hidden."""
    scores = users @ items.T
    scores[split.pairs(TRAIN, VALID)] = -np.inf
    best = np.argpartition(scores, -K, axis=1)[:, -K:]
    best = np.take_along_axis(best, np.argsort(-np.take_along_axis(scores, best, axis=1), axis=1), axis=1)
    relevant = np.zeros(scores.shape, bool)
    relevant[split.pairs(TEST)] = True
    counts = relevant.sum(axis=1)
    gain = 1 / np.log2(np.arange(2, K + 2))
    ideal = np.cumsum(gain)[np.clip(counts, 1, K) - 1]
    return float((np.take_along_axis(relevant, best, axis=1) @ gain / ideal)[counts > 0].mean())
