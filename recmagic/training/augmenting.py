"""The batches' augmentations, drawn on the host: how histories are read, and which rows are mixed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recmagic.augment import Augmentation, Steps
from recmagic.compiler.augmenting import lengths
from recmagic.compiler.cut import Cut
from recmagic.compiler.learning import Learning
from recmagic.data.dataset import Dataset
from recmagic.data.split import TRAIN
from recmagic.scorers import Log
from recmagic.scorers.item_knn import ItemKNN

SIMILAR = 10  # items most similar to each that `substitute` draws from
Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Augmenter:
    """Draws what the augmentations make of examples.

    Each example's sequence is changed by one of the words, or by none, all equally often. `start` (users + 1,) is where
    a user's stretch of the log starts, `items` (n,) the log's items. With `every_step` what is predicted next is a part
    of the sequence, which has `length` steps before it.
    """

    augment: Sequence[Augmentation]
    start: NDArray[np.int32]
    items: NDArray[np.int32]
    length: int
    every_step: bool
    similar: NDArray[np.int32] | None

    def draw(self, rng: np.random.Generator, users: NDArray[np.int32], ends: NDArray[np.int32], batch: int) -> Arrays:
        """Return arrays (n, ...) for n examples of these users (n,), which end in the log there (n,)."""
        changes = [each for each in self.augment if each.change is not None]
        found = self._read(rng, changes, users, ends) if changes else {}
        mixed = next((each.mix for each in self.augment if each.mix), 0.0)
        return found | (_mixed(rng, mixed, len(users), batch) if mixed else {})

    def _read(self, rng: np.random.Generator, changes: list[Augmentation], users: NDArray[np.int32],
              ends: NDArray[np.int32]) -> Arrays:
        width = self.length + self.every_step
        place = np.arange(width, dtype=np.int32)
        numbers = ends[:, None] - self.length + place
        real = numbers >= self.start[users][:, None]
        items = np.where(real, self.items[np.where(real, numbers, 0)], 0)
        order = np.where(real, place, -1).astype(np.int32)
        steps = Steps(order, np.zeros_like(order), np.zeros_like(order), items, self.similar, 1 + self.every_step)
        chosen = rng.integers(0, len(changes) + 1, len(users))
        for number, each in enumerate(changes):
            rows = np.flatnonzero(chosen == number)
            part = Steps(order[rows], steps.blank[rows], steps.swaps[rows], items[rows], self.similar, steps.least)
            assert each.change is not None
            each.change(rng, part)
            order[rows], steps.blank[rows], steps.swaps[rows] = part.order, part.blank, part.swaps
        # Inputs are the sequence without its newest step where that is predicted.
        found = {"order": order, "blank": steps.blank[:, : self.length], "swaps": steps.swaps[:, : self.length]}
        return {each.gives: found[each.gives] for each in changes}


def _mixed(rng: np.random.Generator, alpha: float, count: int, batch: int) -> Arrays:
    """Return which row of its batch each row is mixed with (n,), and its own share (n,)."""
    partners = np.argsort(rng.random((count // batch, batch)), axis=1).astype(np.int32)
    return {"partner": partners.reshape(-1), "share": rng.beta(alpha, alpha, count).astype(np.float32)}


def augmenter(cut: Cut, learning: Learning, data: Dataset, arrays: Arrays) -> Augmenter | None:
    """Return what draws a model's augmentations over a log's arrays; None where it has none."""
    if not any(each.change or each.mix for each in learning.augment):
        return None
    length = max(lengths(cut.query_feeds), default=0)
    similar = _similar(data) if any(each.gives == "swaps" for each in learning.augment) else None
    return Augmenter(learning.augment, arrays["log/start"], arrays["log/item"], length, cut.every_step, similar)


def _similar(data: Dataset) -> NDArray[np.int32]:
    """Return the rows (items + 1, SIMILAR) of the items most similar to each by the training part, 0 for none."""
    fitted = ItemKNN(SIMILAR).fit(Log.of(data.interactions, [TRAIN]))
    found = np.zeros((data.items.count + 1, SIMILAR), np.int32)
    near = fitted.similarity.tocsc()
    for place, item in enumerate(fitted.items):
        own = slice(near.indptr[place], near.indptr[place + 1])
        best = near.indices[own][np.argsort(-near.data[own], kind="stable")]
        found[item, : len(best)] = fitted.items[best]
    return found
