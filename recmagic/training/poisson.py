"""Batches for a private training: each unit is in each of them with the same probability, whoever else is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recmagic.training.sampler import BLOCK_ROWS, BLOCK_STEPS, Block, Candidates, Sampler

SPREAD = 6  # standard deviations of room in a batch; a larger one has more room, and compiles anew

Rows = NDArray[np.int32]


@dataclass(frozen=True)
class Own:
    """Says of (row, item) whether it is the row's own item. What else a user has is no affair of one interaction's."""

    bits: Rows  # the item of each row

    def __call__(self, rows: Rows, items: Rows) -> NDArray[np.bool_]:
        return np.asarray(self.bits[rows] == items)


@dataclass
class PoissonSampler:
    """The batches of an epoch of private training.

    `plain` has the examples, sorted by user. A unit is a user with at most `rows` of their examples, drawn anew each
    time, or with `by_user` False one example. Each step draws each unit with the probability `rate`, independently of
    the others: `batch` is how many that are on average. Units come in multiples of `at_once`; those that only fill up
    are not `present`. `listed` says that `rows` is the length of a list.
    """

    plain: Sampler
    by_user: bool
    batch: int
    rows: int
    at_once: int = 1
    listed: bool = False

    def __post_init__(self) -> None:
        users = self.plain.users
        if self.by_user:
            _, self.start, self.count = np.unique(users, return_index=True, return_counts=True)
        else:
            self.start, self.count = np.arange(len(users)), np.ones(len(users), np.int64)
        self.batch = min(self.batch, self.unit_count)
        self.candidates = self.plain.candidates
        if self.candidates is not None and not self.by_user and self.plain.items is not None:
            self.candidates = replace(self.candidates, taken=Own(self.plain.items))  # type: ignore[arg-type]

    @property
    def unit_count(self) -> int:
        """Number of users, or of interactions, that are protected."""
        return len(self.start)

    @property
    def rate(self) -> float:
        """The probability with which a unit is in a batch."""
        return self.batch / self.unit_count

    @property
    def steps(self) -> int:
        """How many predictions a unit holds."""
        return self.rows * self.plain.steps

    @property
    def example_count(self) -> int:
        """Number of units that an epoch takes in, on average."""
        return self.steps_per_epoch * self.batch

    @property
    def steps_per_epoch(self) -> int:
        """Number of batches: as many as take in each unit once on average, or a little more."""
        return -(-self.unit_count // self.batch)

    def blocks(self, rng: np.random.Generator) -> Iterator[Block]:
        """Yield an epoch, a block of steps at a time."""
        order = np.arange(len(self.plain.users))
        if self.rows > 1:  # a unit's rows are the next ones of a circle that is shuffled each epoch
            order = rng.permutation(len(order))
            order = order[np.argsort(self.plain.users[order], kind="stable")]
        drawn = 1 if self.candidates is None else 1 + self.candidates.negatives.count
        room = self.batch + SPREAD * int(np.sqrt(self.batch * (1 - self.rate)) + 1)
        length = max(1, min(self.steps_per_epoch, BLOCK_STEPS, BLOCK_ROWS // (room * self.steps * drawn)))
        for first in range(0, self.steps_per_epoch, length):
            chosen = [np.flatnonzero(rng.random(self.unit_count) < self.rate) for _ in range(length)]
            places = -(-max(room, *map(len, chosen)) // self.at_once) * self.at_once
            units = np.zeros((length, places), np.int64)
            present = np.zeros((length, places), np.float32)
            for step, found in enumerate(chosen):
                units[step, : len(found)], present[step, : len(found)] = found, 1
            batches = {name: each.reshape(length, places, *each.shape[1:])
                       for name, each in self.of_units(rng, units.reshape(-1), order).items()}
            noise = rng.integers(-2**31, 2**31, (length, 2), np.int32)
            yield Block(batches | {"present": present, "noise": noise},
                        min(length, self.steps_per_epoch - first), self.batch)

    def of_units(self, rng: np.random.Generator, units: NDArray[np.int64],
                 order: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
        """Return the arrays (T, ...) of some units (T,): for each, what a batch of its examples alone would have."""
        plain, count = self.plain, self.count[units]
        turn = np.floor(rng.random(len(units)) * count).astype(np.int64)
        places = (turn[:, None] + np.arange(self.rows)) % count[:, None] + self.start[units][:, None]
        numbers = order[places]  # (T, rows)
        found: dict[str, NDArray[Any]] = {"ends": plain.examples[numbers], "users": plain.users[numbers]}
        if plain.items is not None:
            found["items"] = plain.items[numbers]
        if self.rows > 1 or self.listed:
            found["real"] = (np.arange(self.rows) < count[:, None]).astype(np.int32)
        if plain.masked:
            hidden = plain.hidden(rng, numbers.size)
            found["hidden"] = hidden.reshape(*numbers.shape, plain.steps)
        if self.candidates is not None:
            found["negatives"] = self._negatives(rng, self.candidates, numbers)
        return found

    def _negatives(self, rng: np.random.Generator, candidates: Candidates, numbers: NDArray[np.int64]) -> Rows:
        """Return the items (T, predictions, n) that stand against each, or those (T, n) that a unit's share."""
        if candidates.negatives.shared:
            return candidates.draw_shared(rng, len(numbers))
        whose = (self.plain.users[numbers] if self.by_user else numbers).reshape(-1).astype(np.int32)
        drawn = candidates.draw(rng, np.repeat(whose, self.plain.steps))
        return drawn.reshape(len(numbers), self.steps, -1)
