"""Where the relevant items stand in each user's list, position by position, with ties at their expected rank.

A list sorted by score is a row of tie groups. Inside a group of `size` items, of which `hits` are relevant, every order
is equally likely, so that a position is relevant with probability hits / size; the metrics need nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Sequence

import numpy as np
from numpy.typing import NDArray

from recmagic.backends.protocol import Selection
from recmagic.evaluation.catalogue import Catalogue


@dataclass(frozen=True)
class Ranks:
    """The lists of U users, K positions deep, and the tie group that each position belongs to.

    `items` int32 (U, K) is one such list (0: none), `start` the first position of the group (from 0), `size` the items
    in it (also those past K), `hits` the relevant among these, `relevant` (U,) the user's relevant
    items (at least 1).
    """

    items: NDArray[np.int32]
    start: NDArray[np.int64]
    size: NDArray[np.int64]
    hits: NDArray[np.int64]
    relevant: NDArray[np.int64]
    catalogue: Catalogue

    @property
    def depth(self) -> int:
        """How many positions a list has."""
        return int(self.items.shape[1])

    def hits_in(self, k: int) -> NDArray[np.float64]:
        """Return the expected number of relevant items in the first k, (U,)."""
        return np.asarray(self.expected[:, :k].sum(axis=1), dtype=np.float64)

    def mean_of(self, item_values: NDArray[Any], k: int) -> NDArray[np.float64]:
        """Return the mean over the first k of a value per item (items + 1,), of as many as are listed: (U,)."""
        listed = self.items[:, :k]
        sums = np.where(listed > 0, item_values[listed], 0.0).sum(axis=1)
        return np.asarray(sums / np.maximum((listed > 0).sum(axis=1), 1), dtype=np.float64)

    @cached_property
    def offset(self) -> NDArray[np.int64]:
        """How many items of its own group stand before a position, (U, K)."""
        return np.arange(self.depth) - self.start

    @cached_property
    def expected(self) -> NDArray[np.float64]:
        """The probability that the item at a position is relevant, (U, K)."""
        return np.asarray(self.hits / self.size, dtype=np.float64)

    @cached_property
    def hazard(self) -> NDArray[np.float64]:
        """The probability that the item at a position is relevant if none before it was, (U, K)."""
        left = np.maximum(self.size - self.offset, 1)
        return np.asarray(np.minimum(self.hits / left, 1.0), dtype=np.float64)

    @cached_property
    def unhit(self) -> NDArray[np.float64]:
        """The probability that no position down to this one is relevant, (U, K)."""
        return np.asarray(np.cumprod(1.0 - self.hazard, axis=1), dtype=np.float64)

    @cached_property
    def found(self) -> NDArray[np.int64]:
        """How many relevant items the groups before a position's own hold, (U, K)."""
        ended = np.cumsum(np.where(self.offset == 0, self.hits, 0), axis=1)
        return ended - self.hits


def ranks_of(selection: Selection, relevant: NDArray[np.int64], catalogue: Catalogue) -> Ranks:
    """Read the tie groups off a selection; `relevant` (U,) counts each user's relevant items, the hidden ones too."""
    scores = np.asarray(selection.scores)
    width = scores.shape[1]
    place = np.arange(width)
    opens = np.ones(scores.shape, dtype=bool)
    opens[:, 1:] = scores[:, 1:] != scores[:, :-1]
    start = np.maximum.accumulate(np.where(opens, place, 0), axis=1)
    closes = np.ones(scores.shape, dtype=bool)
    closes[:, :-1] = opens[:, 1:]
    end = np.minimum.accumulate(np.where(closes, place + 1, width)[:, ::-1], axis=1)[:, ::-1]
    size = np.where(end == width, np.asarray(selection.boundary)[:, None], end - start).astype(np.int64)
    hits = np.take_along_axis(_hits_at(scores, np.asarray(selection.relevant_scores)), start, axis=1)
    hits[np.isneginf(scores)] = 0
    return Ranks(np.asarray(selection.items), start, size, hits, relevant, catalogue)


def _hits_at(scores: NDArray[Any], relevant_scores: NDArray[Any]) -> NDArray[np.int64]:
    """Count the relevant items of each tie group at the group's first position, (U, K)."""
    users, width = scores.shape
    user, nth = np.nonzero(relevant_scores >= scores[:, -1:])  # nan is in no list
    above = (scores[user] > relevant_scores[user, nth][:, None]).sum(axis=1)
    inside = above < width  # a hidden one, at -inf, has a full list above it
    cells = user[inside] * width + above[inside]
    return np.bincount(cells, minlength=users * width).reshape(users, width)


def joined(blocks: Sequence[Ranks]) -> Ranks:
    """Put the blocks of users, at least one, together in order."""
    fields = ("items", "start", "size", "hits", "relevant")
    arrays = {name: np.concatenate([getattr(block, name) for block in blocks]) for name in fields}
    return Ranks(**arrays, catalogue=blocks[0].catalogue)
