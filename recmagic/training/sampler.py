"""Which examples make a batch and which items stand against them: drawn on the host, the same on every backend."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recmagic.negatives import Negatives
from recmagic.training.augmenting import Augmenter

TRIES = 20  # redraws of a negative that the user has; who has nearly everything keeps what the last draw gave
BITMAP_BYTES = 2**28  # up to here, who has what is a bitmap; beyond, sorted pairs
BLOCK_ROWS = 2**18  # draws prepared at once: the first ones of an epoch are not drawn while the device computes
BLOCK_STEPS = 128
LAST_ONLY = 0.1  # of the examples with hidden steps have the last one hidden alone

Batches = dict[str, NDArray[Any]]


class Taken:
    """Whether a user has an item in the training part, for many pairs at once."""

    def __init__(self, users: NDArray[np.int32], items: NDArray[np.int32], user_count: int, item_count: int) -> None:
        self.width = item_count + 1
        keys = users.astype(np.int64) * self.width + items
        self.bits: NDArray[np.uint8] | None = None
        if (user_count + 1) * self.width <= 8 * BITMAP_BYTES:
            self.bits = np.zeros(((user_count + 1) * self.width + 7) // 8, np.uint8)
            np.bitwise_or.at(self.bits, keys >> 3, (1 << (keys & 7)).astype(np.uint8))
        else:
            self.keys = np.unique(keys)

    def __call__(self, users: NDArray[np.int32], items: NDArray[np.int32]) -> NDArray[np.bool_]:
        keys = users.astype(np.int64) * self.width + items
        if self.bits is not None:
            return (self.bits[keys >> 3] >> (keys & 7).astype(np.uint8)) & 1 == 1
        places = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.asarray(self.keys[places] == keys)


@dataclass
class Candidates:
    """Draws items for users, evenly or by popularity: `catalogue` (C,) item rows with their training `counts` (C,)."""

    negatives: Negatives
    catalogue: NDArray[np.int32]
    counts: NDArray[np.float64]
    taken: Taken

    def __post_init__(self) -> None:
        weights = self.counts**self.negatives.power
        self._cumulated = None if self.negatives.power == 0 else np.cumsum(weights) / weights.sum()

    def draw(self, rng: np.random.Generator, users: NDArray[np.int32]) -> NDArray[np.int32]:
        """Return item rows (R, n) for users (R,), none of which the user has."""
        users = users if self.negatives.count == 1 else np.repeat(users, self.negatives.count)
        items = self._some(rng, len(users))
        wrong = np.flatnonzero(self.taken(users, items))
        for _ in range(TRIES):
            if not len(wrong):
                break
            items[wrong] = self._some(rng, len(wrong))
            wrong = wrong[self.taken(users[wrong], items[wrong])]
        return items.reshape(-1, self.negatives.count)

    def draw_shared(self, rng: np.random.Generator, batches: int) -> NDArray[np.int32]:
        """Return item rows (batches, n) that all positives of a batch share, whoever has them."""
        return self._some(rng, batches * self.negatives.count).reshape(batches, -1)

    def _some(self, rng: np.random.Generator, size: int) -> NDArray[np.int32]:
        if self._cumulated is None:
            return self.catalogue.take(rng.integers(len(self.catalogue), size=size, dtype=np.int32))
        places = np.searchsorted(self._cumulated, rng.random(size), side="right")
        return self.catalogue[np.minimum(places, len(self.catalogue) - 1)]


@dataclass(frozen=True)
class Block:
    """Batches (M, B, ...) for a number of steps, of `batch` examples each, and the log they count in (None: as before).
    """

    batches: Batches
    steps: int
    batch: int
    log: dict[str, NDArray[Any]] | None = None


@dataclass
class Sampler:
    """The batches of an epoch, a block of steps at a time.

    `examples` (n,) are the numbers in the log of what is predicted, `users` (n,) whose they are; with `steps` > 1
    each example has that many predictions. `items` (n,) are what is predicted, where an example is one prediction:
    that a batch says whom and what costs a step less than to look it up in the log (measured). `masked` is the
    share of steps that are hidden; of one example in ten only the last is, as in recommending. `augment` draws how
    examples are changed. `batch` is the number of examples a step; the last one of an epoch is as long as what is
    left, since padding it would change what batch normalisation sees.
    """

    examples: NDArray[np.int32]
    users: NDArray[np.int32]
    batch: int
    steps: int
    candidates: Candidates | None
    length: int | None = None  # how many steps are prepared at once; None: as many as suit
    items: NDArray[np.int32] | None = None
    masked: float = 0.0
    augment: Augmenter | None = None

    @property
    def example_count(self) -> int:
        """Number of examples in an epoch."""
        return len(self.examples)

    @property
    def steps_per_epoch(self) -> int:
        """Number of batches, the short last one included."""
        return -(-self.example_count // self.batch)

    @property
    def block_steps(self) -> int:
        """How many steps are prepared at once."""
        if self.length is not None:
            return self.length
        negatives = self.candidates.negatives if self.candidates else None
        drawn = 1 if negatives is None or negatives.shared else 1 + negatives.count
        rows = self.batch * self.steps * drawn
        return max(1, min(self.example_count // self.batch, BLOCK_STEPS, BLOCK_ROWS // rows))

    def blocks(self, rng: np.random.Generator) -> Iterator[Block]:
        """Yield an epoch in a new order, a block at a time; the short last batch comes in a block of its own.

        What is drawn depends on the seed alone, not on how fast the blocks are used up.
        """
        order = rng.permutation(self.example_count)
        whole, size = len(order) // self.batch * self.batch, self.block_steps * self.batch
        for place in range(0, whole, size):
            yield self._block(rng, order[place : min(place + size, whole)], self.batch, self.block_steps)
        if whole < len(order):
            yield self._block(rng, order[whole:], len(order) - whole, 1)

    def turns(self, rng: np.random.Generator, steps: int, length: int) -> Iterator[Block]:
        """Yield so many whole batches, `length` at a time, of as many or as few examples as there are: they come round
        again and again, each time in a new order."""
        rounds = -(-steps * self.batch // self.example_count)
        order = np.concatenate([rng.permutation(self.example_count) for _ in range(rounds)])[: steps * self.batch]
        size = length * self.batch
        for place in range(0, len(order), size):
            yield self._block(rng, order[place : place + size], self.batch, length)

    def _block(self, rng: np.random.Generator, chosen: NDArray[np.int64], batch: int, length: int) -> Block:
        """Return the batches (length, batch, ...) of the chosen examples; those past the last chosen one are unused."""
        steps = len(chosen) // batch
        users = self.users.take(chosen)
        batches = {"ends": _in_batches(self.examples.take(chosen), length, batch),
                   "users": _in_batches(users, length, batch)}
        if self.items is not None:
            batches["items"] = _in_batches(self.items.take(chosen), length, batch)
        if self.augment:
            changed = self.augment.draw(rng, users, self.examples.take(chosen), batch)
            batches |= {name: _in_batches(each, length, batch) for name, each in changed.items()}
        if self.masked:
            batches["hidden"] = _in_batches(self.hidden(rng, len(chosen)), length, batch)
        if self.candidates and self.candidates.negatives.shared:
            batches["negatives"] = self.candidates.draw_shared(rng, length)
        elif self.candidates:
            drawn = self.candidates.draw(rng, users if self.steps == 1 else np.repeat(users, self.steps))
            batches["negatives"] = _in_batches(drawn, length, batch * self.steps)
        return Block(batches, steps, batch)

    def hidden(self, rng: np.random.Generator, count: int) -> NDArray[np.int32]:
        """Return which steps (count, steps) are hidden: 1 or 0."""
        hidden = rng.random((count, self.steps)) < self.masked
        last = rng.random(count) < LAST_ONLY
        hidden[last] = np.arange(self.steps) == self.steps - 1
        return hidden.astype(np.int32)


def _in_batches(values: NDArray[Any], length: int, batch: int) -> NDArray[Any]:
    """Return values (n, ...) as batches (length, batch, ...), the last ones zero where there are fewer."""
    if len(values) == length * batch:
        return values.reshape(length, batch, *values.shape[1:])
    found = np.zeros((length * batch, *values.shape[1:]), values.dtype)
    found[: len(values)] = values
    return found.reshape(length, batch, *values.shape[1:])
