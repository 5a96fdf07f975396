"""Which of a user's own rows stand together in a list, for a loss that puts them in order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recmagic.training.sampler import Block, Sampler


@dataclass
class ListSampler(Sampler):
    """The batches of an epoch, where an example is a list of at most `steps` rows of one user.

    `examples` (n,) and `users` (n,) are the rows, sorted by user. Each epoch deals a user's rows anew, into as few
    lists as hold them and as even as can be; the row of a user who has no other is left out.
    """

    def __post_init__(self) -> None:
        _, user, rows = np.unique(self.users, return_inverse=True, return_counts=True)
        kept = rows[user] > 1
        self.examples, self.users = self.examples[kept], self.users[kept]
        rows = rows[rows > 1]
        lists = -(-rows // self.steps)
        self._dealt_to, self._count = np.repeat(lists, rows), int(lists.sum())
        self._first_list = np.repeat(np.cumsum(lists) - lists, rows)
        self._place = np.arange(len(self.users)) - np.repeat(np.cumsum(rows) - rows, rows)
        self._lists: NDArray[np.int32] = np.zeros((0, self.steps), np.int32)
        self._real: NDArray[np.int32] = np.zeros((0, self.steps), np.int32)

    @property
    def example_count(self) -> int:
        """Number of lists."""
        return self._count

    def blocks(self, rng: np.random.Generator) -> Iterator[Block]:
        """Yield an epoch, its lists dealt anew."""
        self._deal(rng)
        yield from super().blocks(rng)

    def turns(self, rng: np.random.Generator, steps: int, length: int) -> Iterator[Block]:
        """Yield so many batches of lists, which are dealt once."""
        self._deal(rng)
        yield from super().turns(rng, steps, length)

    def _deal(self, rng: np.random.Generator) -> None:
        order = rng.permutation(len(self.users))
        shuffled = self.examples[order[np.argsort(self.users[order], kind="stable")]]
        cell = self._first_list + self._place % self._dealt_to, self._place // self._dealt_to
        self._lists = np.zeros((self.example_count, self.steps), np.int32)
        self._real = np.zeros((self.example_count, self.steps), np.int32)
        self._lists[cell], self._real[cell] = shuffled, 1

    def _block(self, rng: np.random.Generator, chosen: NDArray[np.int64], batch: int, length: int) -> Block:
        steps = len(chosen) // batch
        ends = np.zeros((length, batch * self.steps), np.int32)
        real = np.zeros((length, batch * self.steps), np.int32)
        ends[:steps] = self._lists[chosen].reshape(steps, -1)
        real[:steps] = self._real[chosen].reshape(steps, -1)
        return Block({"ends": ends, "real": real}, steps, batch)
