"""Which examples make a batch and which items stand against them: drawn on the host, the same on every backend."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recmagic.negatives import Negatives

TRIES = 20  # redraws of a negative that the user has; who has nearly everything keeps what the last draw gave
BITMAP_BYTES = 2**28  # up to here, who has what is a bitmap; beyond, sorted pairs
CHUNK_ROWS = 2**20  # draws prepared at once
CHUNK_STEPS = 512

Batches = dict[str, NDArray[np.int32]]


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
        users = np.repeat(users, self.negatives.count)
        items = self._some(rng, len(users))
        wrong = np.flatnonzero(self.taken(users, items))
        for _ in range(TRIES):
            if not len(wrong):
                break
            items[wrong] = self._some(rng, len(wrong))
            wrong = wrong[self.taken(users[wrong], items[wrong])]
        return items.reshape(-1, self.negatives.count)

    def _some(self, rng: np.random.Generator, size: int) -> NDArray[np.int32]:
        if self._cumulated is None:
            return self.catalogue[rng.integers(len(self.catalogue), size=size, dtype=np.int32)]
        places = np.searchsorted(self._cumulated, rng.random(size), side="right")
        return self.catalogue[np.minimum(places, len(self.catalogue) - 1)]


@dataclass
class Sampler:
    """The batches of an epoch, a chunk of steps at a time.

    `examples` (n,) are the numbers in the log of what is predicted, `users` (n,) whose they are; with `steps` > 1 each
    example has that many predictions. `batch` is the number of examples a step; the last one of an epoch is as long as
    what is left, since padding it would change what batch normalisation sees.
    """

    examples: NDArray[np.int32]
    users: NDArray[np.int32]
    batch: int
    steps: int
    candidates: Candidates | None

    @property
    def steps_per_epoch(self) -> int:
        """Number of batches, the short last one included."""
        return -(-len(self.examples) // self.batch)

    @property
    def chunk_steps(self) -> int:
        """The most steps that are prepared at once."""
        drawn = 1 + (self.candidates.negatives.count if self.candidates else 0)
        rows = self.batch * self.steps * drawn
        return max(1, min(len(self.examples) // self.batch, CHUNK_STEPS, CHUNK_ROWS // rows))

    def chunk(self, rng: np.random.Generator, chosen: NDArray[np.int64], batch: int) -> Batches:
        """Return the batches (M, B, ...) of the chosen examples (at most M * B of them; the rest of M is unused)."""
        steps = len(chosen) // batch
        length = self.chunk_steps if batch == self.batch else 1
        ends = np.zeros((length, batch), np.int32)
        ends[:steps] = self.examples[chosen].reshape(steps, batch)
        batches = {"ends": ends}
        if self.candidates:
            drawn = self.candidates.draw(rng, np.repeat(self.users[chosen], self.steps))
            negatives = np.zeros((length, batch * self.steps, drawn.shape[1]), np.int32)
            negatives[:steps] = drawn.reshape(steps, batch * self.steps, -1)
            batches["negatives"] = negatives
        return batches

    def order(self, rng: np.random.Generator) -> NDArray[np.int64]:
        """Return the examples of an epoch in a new order."""
        return rng.permutation(len(self.examples))

    def cuts(self, order: NDArray[np.int64], steps: "Iterator[int]") -> Iterator[tuple[NDArray[np.int64], int]]:
        """Cut an epoch into chunks of as many steps as `steps` says each time; the short last batch comes alone."""
        place, whole = 0, len(order) // self.batch * self.batch
        while place < whole:
            count = max(1, min(next(steps), self.chunk_steps, (whole - place) // self.batch))
            yield order[place : place + count * self.batch], self.batch
            place += count * self.batch
        if whole < len(order):
            yield order[whole:], len(order) - whole
