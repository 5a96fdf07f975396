"""Further positives for rare items and users of few interactions, by the scores of a model that is solved at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recmagic.augment import Labels
from recmagic.data.dataset import Dataset
from recmagic.data.split import TRAIN
from recmagic.scorers import Log

BLOCK = 256  # users who are scored at once
Pairs = list[NDArray[np.int64]]  # each (n, 2), rows of users and items


@dataclass(frozen=True)
class Positives:
    """Made-up positives: the rows of users and items (g,), and the numbers in the log (g,) of interactions of these
    users, in whose situation they stand."""

    ends: NDArray[np.int32]
    users: NDArray[np.int32]
    items: NDArray[np.int32]


def positives(asked: Labels, data: Dataset, examples: NDArray[np.int32], users: NDArray[np.int32],
              items: NDArray[np.int32], seed: int) -> Positives:
    """Return what a model that knows the training part alone thinks likely, for users who have an example.

    `examples` (n,) are the numbers of the examples in the log, sorted by `users` (n,); `items` (n,) is what they are
    of. The pairs are the same for every seed and on every backend; the seed chooses the situations.
    """
    of_users, of_items = np.bincount(users), np.bincount(items, minlength=data.items.count + 1)
    found: Pairs = [np.zeros((0, 2), np.int64)]
    rare = _Rare(asked.items, of_items)
    for rows, standing in _standing(asked, data, np.flatnonzero(of_users)):
        rare.see(rows, standing)
        found.append(_best_items(rows, standing, asked.users - of_users[rows]))
    pairs = np.unique(np.concatenate([*found, rare.pairs()]), axis=0)
    random = np.random.default_rng(seed).random(len(pairs))
    situations = np.searchsorted(users, pairs[:, 0]) + (random * of_users[pairs[:, 0]]).astype(np.int64)
    return Positives(examples[situations], *np.ascontiguousarray(pairs.T).astype(np.int32))


def _standing(asked: Labels, data: Dataset, users: NDArray[np.int64]) -> Iterator[tuple[NDArray[np.int64],
                                                                                      NDArray[np.float64]]]:
    """Yield user rows (B,) and how many deviations each item (B, items + 1) stands above the mean of their scores.

    Those who have much get higher scores than others for everything, which says nothing. -inf where the user has the
    item in the training part, or it has no score.
    """
    scorer, seen = asked.scorer.fit(Log.of(data.interactions, [TRAIN])), data.interactions.seen([TRAIN])
    for start in range(0, len(users), BLOCK):
        rows = users[start : start + BLOCK]
        scores = np.asarray(scorer.score(rows.astype(np.int32)), np.float64)
        known = np.isfinite(scores)
        mean, deviation = (of(scores, axis=1, where=known, keepdims=True) for of in (np.mean, np.std))
        standing = (np.where(known, scores, mean) - mean) / np.maximum(deviation, 1e-12)
        yield rows, np.where(known & (seen[rows].toarray() == 0), standing, -np.inf)


class _Rare:
    """The users for whom each rare item stands out most, of those that were seen."""

    def __init__(self, wanted: int, counts: NDArray[np.int64]) -> None:
        self.items = np.flatnonzero((counts > 0) & (counts < wanted))
        self.missing = wanted - counts[self.items]
        self.best = np.full((wanted, len(self.items)), -np.inf)
        self.users = np.zeros(self.best.shape, np.int64)

    def see(self, rows: NDArray[np.int64], standing: NDArray[np.float64]) -> None:
        best = np.concatenate([self.best, standing[:, self.items]])
        users = np.concatenate([self.users, np.repeat(rows[:, None], len(self.items), axis=1)])
        order = np.argsort(-best, axis=0, kind="stable")[: len(self.best)]
        self.best, self.users = (np.take_along_axis(each, order, axis=0) for each in (best, users))

    def pairs(self) -> NDArray[np.int64]:
        places, columns = np.nonzero((np.arange(len(self.best))[:, None] < self.missing) & (self.best > 0))
        return np.stack([self.users[places, columns], self.items[columns]], axis=1)


def _best_items(rows: NDArray[np.int64], standing: NDArray[np.float64],
                missing: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return as many of the best items of each user as are missing, those that stand above their mean."""
    order = np.argsort(-standing, axis=1, kind="stable")[:, : max(0, int(missing.max(initial=0)))]
    chosen = (np.arange(order.shape[1]) < missing[:, None]) & (np.take_along_axis(standing, order, axis=1) > 0)
    return np.stack([np.repeat(rows, chosen.sum(axis=1)), order[chosen]], axis=1)
