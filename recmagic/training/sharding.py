"""Training on a log that is larger than the memory given to it: whole users at a time, from Parquet files."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recmagic.compiler.learning import LISTWISE
from recmagic.compiler.program import Program
from recmagic.data.shards import Shards
from recmagic.errors import TrainingError
from recmagic.training.augmenting import Augmenter, augmenter
from recmagic.training.examples import (
    Arrays,
    batch_size,
    catalogue_of,
    items_of,
    log_of,
    numbers_of_examples,
    steps_of,
)
from recmagic.training.sampler import Block, Candidates, Sampler, Taken

AT_ONCE = 4  # stretches of the log that are held: one on the device, one before it, one being read, one being sorted


@dataclass
class ShardedSampler:
    """The batches of an epoch from one shard after the other, the shards in a new order each time.

    A batch holds examples of one shard only, and what is left of a shard after its last whole batch waits for another
    epoch, in which other examples are left. `rows` is the length of the longest shard, to which all are padded.
    """

    program: Program
    shards: Shards
    counts: list[int]  # examples in each shard
    rows: int
    batch: int
    steps: int
    candidates: Candidates | None
    augment: Augmenter | None

    @property
    def example_count(self) -> int:
        """Number of examples in an epoch."""
        return self.steps_per_epoch * self.batch

    @property
    def steps_per_epoch(self) -> int:
        """Number of batches in an epoch."""
        return sum(count // self.batch for count in self.counts)

    @property
    def _length(self) -> int:
        """How many steps are prepared at once: as many in each shard, so that one program serves all."""
        most = np.zeros(max(self.counts), np.int32)
        return Sampler(most, most, self.batch, self.steps, self.candidates).block_steps

    @property
    def data(self) -> Arrays:
        """Arrays of the shapes that every shard has."""
        return self._padded(self.shards.read(0))

    def blocks(self, rng: np.random.Generator) -> Iterator[Block]:
        """Yield an epoch, a block of steps at a time; the next shard is read while one is used."""
        order = rng.permutation(len(self.counts))
        with ThreadPoolExecutor(1) as pool:
            read = pool.submit(self._read, order[0])
            for following in [*order[1:], None]:
                log, sampler = read.result()
                if following is not None:
                    read = pool.submit(self._read, following)
                for block in sampler.blocks(rng):
                    if block.batch == self.batch:
                        yield replace(block, log=log)

    def _read(self, number: int) -> tuple[Arrays, Sampler]:
        """Return the log of a shard, padded, and the sampler over its examples."""
        arrays = self.shards.read(int(number))
        log = self._padded(arrays)
        examples = numbers_of_examples(self.program.cut, arrays | {"log/stop": log["log/stop"]})
        users, data, candidates = arrays["log/user"], self.program.data, self.candidates
        if candidates is not None and not candidates.negatives.shared:
            candidates = replace(candidates, taken=Taken(users, arrays["log/item"], data.users.count, data.items.count))
        items = items_of(self.program.cut, examples, arrays)
        augment = self.augment and replace(self.augment, start=log["log/start"], items=log["log/item"])
        return log, Sampler(examples, users[examples], self.batch, self.steps, candidates, self._length, items,
                            self.program.learning.masked, augment)

    def _padded(self, arrays: Arrays) -> Arrays:
        """Return a shard's arrays at the length of the longest, with where each user's stretch starts and stops."""
        stop = np.cumsum(np.bincount(arrays["log/user"], minlength=self.program.data.users.count + 1))
        bounds = {"log/start": np.concatenate([[0], stop[:-1]]).astype(np.int32), "log/stop": stop.astype(np.int32)}
        return bounds | {name: _longer(array, self.rows) for name, array in arrays.items()}


def sharded(program: Program, batch: int | str | None, memory: int, folder: str) -> ShardedSampler:
    """Write the training log to Parquet files in a folder, so that about `memory` bytes hold what is used at a time.

    Raises TrainingError where there is nothing to learn from, or where no shard holds a whole batch.
    """
    if batch == "all":
        raise TrainingError("Shards are read one after the other, so one step cannot see all examples.",
                            "Leave out --memory, or choose a --batch.")
    cut, learning, data = program.cut, program.learning, program.data
    if learning.profiles:
        raise TrainingError("Whole profiles are not read in shards.", "Leave out --memory.")
    if learning.kind == LISTWISE and not cut.every_step:
        raise TrainingError("A user's rows cannot be dealt into lists from shards.", "Leave out --memory.")
    if any(each.labels or each.between for each in learning.augment):
        raise TrainingError("What a cell makes up is made of the whole log, and not of shards.",
                            "Leave out --memory, or pseudo_labels and smote.")
    shards, counts, longest = Shards(folder), [], 0
    for stretch in _stretches(data.interactions.user_row, memory // AT_ONCE, _bytes_a_row(program)):
        arrays = log_of(cut, learning, data, stretch)
        if not len(arrays["log/user"]):
            continue
        counts.append(len(numbers_of_examples(cut, arrays)))
        shards.append({name: array for name, array in arrays.items() if name not in ("log/start", "log/stop")})
        longest = max(longest, len(arrays["log/user"]))
    size = batch_size(batch, sum(counts), cut.every_step)
    if not any(count >= size for count in counts):
        raise TrainingError(f"No shard of so little memory holds a batch of {size:,} examples.",
                            "Give more --memory, or take a smaller --batch.")
    candidates = None
    if learning.negatives and learning.negatives.source == "drawn":
        nobody = np.zeros(0, np.int32)
        candidates = Candidates(learning.negatives, *catalogue_of(learning, data), Taken(nobody, nobody, 0, 0))
    nothing = {"log/start": np.zeros(0, np.int32), "log/item": np.zeros(0, np.int32)}  # each shard has its own
    return ShardedSampler(program, shards, counts, longest, size, steps_of(cut), candidates,
                          augmenter(cut, learning, data, nothing))


def _bytes_a_row(program: Program) -> int:
    """Return how many bytes an interaction takes in the training log."""
    few = log_of(program.cut, program.learning, program.data, slice(0, 1))
    return sum(array.dtype.itemsize * int(np.prod(array.shape[1:])) for name, array in few.items()
               if name not in ("log/start", "log/stop"))


def _stretches(users: NDArray[np.int32], memory: int, bytes_a_row: int) -> Iterator[slice]:
    """Yield ranges of the interactions that hold whole users, each of about so many bytes."""
    rows, start = max(1, memory // bytes_a_row), 0
    while start < len(users):
        stop = int(np.searchsorted(users, users[min(start + rows, len(users)) - 1], side="right"))
        yield slice(start, stop)
        start = stop


def _longer(array: NDArray[Any], rows: int) -> NDArray[Any]:
    return np.concatenate([array, np.zeros((rows - len(array), *array.shape[1:]), array.dtype)])
