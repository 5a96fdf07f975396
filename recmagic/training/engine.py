"""The engine: epochs of chunks of steps, with progress, a clean stop, and the best weights kept."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from recmagic.errors import TrainingError
from recmagic.training.events import Compiled, EpochEnded, Listener, Progress, Reason, RunEnded
from recmagic.training.sampler import Sampler

CHUNK_SECONDS = 0.25
FIRST_STEPS = 8  # the first chunk of a run is short: it shows how long a step takes


class Stop(Protocol):
    """Asked between chunks whether to stop; a threading.Event is one."""

    def is_set(self) -> bool:
        """Return whether a stop has been asked for."""


@dataclass
class Pace:
    """How many steps fit into a quarter of a second, learnt from the chunks so far."""

    steps: int = FIRST_STEPS

    def learn(self, steps: int, seconds: float) -> None:
        """Take in how long some steps took."""
        self.steps = max(1, int(steps * CHUNK_SECONDS / seconds))


@dataclass
class Count:
    """How far an epoch is: steps done of how many, and the sum of their losses."""

    epoch: int
    steps: int
    done: int = 0
    total: float = 0.0

    @property
    def mean(self) -> float:
        """The mean loss so far."""
        return self.total / max(self.done, 1)


@dataclass(frozen=True)
class Chunk:
    """Steps on their way: their losses, not yet waited for, which steps of the block, and when they were sent."""

    losses: Any
    start: int
    stop: int
    batch: int
    began: float


@dataclass
class Run:
    """One training: what runs the steps, where examples come from, and what judges an epoch.

    `runner` runs chunks on the device; `validate` returns the metrics of the published weights, the first of which is
    watched, and `higher` says which direction is better; `weights` and `restore` read and set the model's weights.
    """

    runner: Any
    sampler: Sampler
    seed: int
    validate: Callable[[], dict[str, float]]
    higher: bool
    weights: Callable[[], list[Any]]
    restore: Callable[[list[Any]], None]
    listen: Listener
    stop: Stop | None = None
    pace: Pace = field(default_factory=Pace)
    best: float | None = None
    best_epoch: int | None = None
    kept: list[Any] | None = None

    def train(self, epochs: int, patience: int | None) -> Reason:
        """Train for at most `epochs`, or until `patience` epochs brought nothing better; return why it ended.

        The model ends with the weights of the best epoch, or of the last one where nothing is watched. On a NaN loss
        it keeps the last good ones and raises TrainingError; so it does, without an error, on a second interrupt.
        """
        rng, began = np.random.default_rng(self.seed), time.perf_counter()
        reason: Reason = "finished"
        epoch = 0
        try:
            for epoch in range(1, epochs + 1):
                started = time.perf_counter()
                loss = self._epoch(epoch, rng)
                self.runner.publish()
                metrics = self.validate()
                better = self._better(metrics, epoch)
                self.listen(EpochEnded(epoch, loss, metrics, time.perf_counter() - started, better))
                if self.stop is not None and self.stop.is_set():
                    reason = "interrupted"
                    break
                if patience and self.best_epoch is not None and epoch - self.best_epoch >= patience:
                    reason = "patience"
                    break
        except KeyboardInterrupt:
            reason = "interrupted"
        except TrainingError:
            self._finish("nan", epoch, began)
            raise
        self._finish(reason, epoch, began)
        return reason

    def _finish(self, reason: Reason, epoch: int, began: float) -> None:
        if self.kept is not None:
            self.restore(self.kept)
        self.listen(RunEnded(reason, epoch, self.best_epoch, time.perf_counter() - began))

    def _better(self, metrics: dict[str, float], epoch: int) -> bool:
        """Keep this epoch's weights if its watched metric is the best so far."""
        if not metrics:
            return False
        watched = next(iter(metrics.values()))
        better = self.best is None or (watched > self.best if self.higher else watched < self.best)
        if better:
            self.best, self.best_epoch, self.kept = watched, epoch, self.weights()
        return better

    def _epoch(self, epoch: int, rng: np.random.Generator) -> float:
        """Run one epoch and return its mean loss; the next block is drawn while the device computes."""
        count = Count(epoch, self.sampler.steps_per_epoch)
        pending: Chunk | None = None
        for block in self.sampler.blocks(rng):
            batches, start = self.runner.place(block.batches), 0
            while start < block.steps:
                if pending is not None:
                    self._arrived(count, pending)
                    pending = None
                if self.stop is not None and self.stop.is_set():
                    return count.mean
                stop = min(block.steps, start + self.pace.steps)
                pending = self._sent(batches, start, stop, block.batch)
                start = stop
        if pending is not None:
            self._arrived(count, pending)
        return count.mean

    def _sent(self, batches: Any, start: int, stop: int, batch: int) -> Chunk:
        """Send a chunk of steps to the device, telling if that had to compile first."""
        compiled = self.runner.compile_seconds
        losses = self.runner.run(batches, start, stop)
        if self.runner.compile_seconds > compiled:
            self.listen(Compiled(self.runner.compile_seconds - compiled))
        return Chunk(losses, start, stop, batch, time.perf_counter())

    def _arrived(self, count: Count, chunk: Chunk) -> None:
        """Wait for a chunk, count and tell it; TrainingError if a loss is not a number."""
        values = np.asarray(chunk.losses)[chunk.start : chunk.stop]
        seconds = max(time.perf_counter() - chunk.began, 1e-6)
        wrong = np.flatnonzero(~np.isfinite(values))
        if len(wrong):
            step = count.done + int(wrong[0]) + 1
            raise TrainingError(f"The loss became NaN at step {step} of epoch {count.epoch}; the last good weights are "
                                "kept.", "Try a smaller learning rate, such as Adam(0.0001), or Adam(clipnorm=1.0).")
        count.done += len(values)
        count.total += float(values.sum())
        if chunk.batch == self.sampler.batch:
            self.pace.learn(len(values), seconds)
        speed = len(values) * chunk.batch / seconds
        self.listen(Progress(count.epoch, count.done, count.steps, float(values.mean()), speed))
