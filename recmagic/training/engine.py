"""The engine: epochs of chunks of steps, with progress, a clean stop, and the best weights kept."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import numpy as np
from keras import ops

from recmagic.backends.protocol import Runner
from recmagic.errors import TrainingError
from recmagic.training.callbacks import Moments
from recmagic.training.events import Compiled, EpochEnded, Listener, Progress, Reason, RunEnded
from recmagic.training.poisson import PoissonSampler
from recmagic.training.position import Judged, Position
from recmagic.training.remedies import OutOfMemory, not_a_number, told_out_of_memory
from recmagic.training.sampler import Sampler
from recmagic.training.sharding import ShardedSampler

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
    """How far an epoch is: steps done of how many, examples seen, and the sum of their losses."""

    epoch: int
    steps: int
    began: float
    done: int = 0
    examples: int = 0
    total: float = 0.0

    @property
    def mean(self) -> float:
        """The mean loss of the examples so far."""
        return self.total / max(self.examples, 1)

    def means(self, losses: Any, batch: int) -> Any:
        """The mean loss after each of some more steps (n,)."""
        examples = self.examples + batch * np.arange(1, len(losses) + 1)
        return (self.total + batch * np.cumsum(losses, dtype=np.float64)) / examples


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
    `start` is where it begins; `paused` is set where it could go on, if it was stopped between two chunks. `keep` is
    told where it could go on after each epoch, and where it was stopped. `moments` calls the user's callbacks.
    `paid` is how many epochs a privacy budget pays for; then the last weights are kept, since to choose by a metric on
    the validation part would cost privacy too.
    """

    runner: Runner
    sampler: Sampler | ShardedSampler | PoissonSampler
    seed: int
    validate: Callable[[], dict[str, float]]
    higher: bool
    weights: Callable[[], list[Any]]
    restore: Callable[[list[Any]], None]
    listen: Listener
    stop: Stop | None = None
    start: Position = field(default_factory=Position)
    moments: Moments = field(default_factory=Moments)
    keep: Callable[[Position], None] | None = None
    paid: int | None = None
    pace: Pace = field(default_factory=Pace)
    epoch: int = 0
    judged: Judged = field(default_factory=Judged)
    open: Count | None = None  # the epoch that is not yet told
    paused: Position | None = None

    def train(self, epochs: int, patience: int | None) -> Reason:
        """Train up to the epoch `epochs`, or until `patience` epochs brought nothing better; return why it ended.

        The model ends with the weights of the best epoch, or of the last one where nothing is watched. On a NaN, and
        where memory runs out, it keeps the last good ones and raises TrainingError; not at a NaN at which a callback
        has asked to stop. What callbacks set at the end of the training stays. A KeyboardInterrupt ends it without an
        error.
        """
        began = time.perf_counter()
        try:
            with told_out_of_memory():
                reason = self._epochs(epochs, patience)
        except KeyboardInterrupt:
            self._salvage()
            reason = "interrupted"
        except TrainingError as error:
            reason = "memory" if isinstance(error, OutOfMemory) else "nan"
            self._finish(reason, began)
            if reason == "memory" or not self.moments.stopping:
                raise
            return reason
        self._finish(reason, began)
        return reason

    def _epochs(self, epochs: int, patience: int | None) -> Reason:
        rng = np.random.default_rng(self.seed)
        if self.start.state:
            self._go_on(rng)
        self.moments.train_begin(epochs, self.sampler.steps_per_epoch)
        if self._is_out_of(patience, self.start.epoch - 1):
            return "patience"
        for epoch in range(self.start.epoch, epochs + 1):
            if self.paid is not None and epoch > self.paid:
                return "spent"
            self.epoch, drawn = epoch, rng.bit_generator.state
            self.open = self._opened(epoch)
            self.moments.epoch_begin(epoch)
            self._steps(self.open, rng)
            stopped = self._stopped()
            if stopped:  # to go on within this epoch, as if it had not been judged
                count = self.open
                self._pause(Position(epoch, count.done, count.examples, count.total, drawn, self.judged))
            if self.open.done:
                self._judge(self.open)
            if not stopped and self._stopped():
                self._pause(Position(epoch + 1, drawn=rng.bit_generator.state, judged=self.judged))
                stopped = True
            if stopped:
                return "interrupted"
            if self.keep is not None:
                self.keep(self._whole(Position(epoch + 1, drawn=rng.bit_generator.state, judged=self.judged)))
            if self.moments.stopping:
                return "stopped"
            if self._is_out_of(patience, epoch):
                return "patience"
        return "finished"

    def _go_on(self, rng: np.random.Generator) -> None:
        """Set the runner and the random numbers to where the run begins."""
        odd = TrainingError("What was kept of the run does not fit this model.", "Train without --resume.")
        if [np.shape(each) for each in self.runner.state()] != [np.shape(each) for each in self.start.state]:
            raise odd
        try:
            rng.bit_generator.state = self.start.drawn
        except (ValueError, KeyError, TypeError) as error:
            raise odd from error
        self.runner.restore(self.start.state)
        self.judged = self.start.judged

    def _opened(self, epoch: int) -> Count:
        """Return the count of an epoch, which goes on from the run's start in its first one."""
        count = Count(epoch, self.sampler.steps_per_epoch, time.perf_counter())
        if epoch == self.start.epoch:
            count.done, count.examples, count.total = self.start.steps, self.start.examples, self.start.total
        return count

    def _stopped(self) -> bool:
        return self.stop is not None and self.stop.is_set()

    def _is_out_of(self, patience: int | None, epoch: int) -> bool:
        """Whether too many epochs up to this one brought nothing better."""
        best = self.judged.epoch
        return False if not patience or best is None else epoch - best >= patience

    def _pause(self, position: Position) -> None:
        """Note where the run could go on."""
        self.paused = position if self._whole(position).state else None
        if self.keep is not None and self.paused is not None:
            self.keep(self.paused)

    def _whole(self, position: Position) -> Position:
        """Return a position with the state of the runner."""
        position.state = self.runner.state()
        return position

    def _judge(self, count: Count) -> None:
        """Measure the open epoch, keep its weights if they are the best, and tell that it is over."""
        self.runner.publish(self.moments.averaged)
        weights = self.weights()
        if not all(np.isfinite(each.sum(dtype=np.float64)) for each in weights):  # after its last step
            raise not_a_number("The weights", f"in epoch {count.epoch}")
        self.moments.test_begin()
        metrics = self.validate()
        better = self._better(metrics, count.epoch)
        if better or not metrics:
            self.judged = replace(self.judged, weights=weights)
        self.moments.test_end(metrics)
        self._close(count, metrics, better)

    def _close(self, count: Count, metrics: dict[str, float], better: bool) -> None:
        """Tell that the open epoch is over."""
        self.open = None
        self.listen(EpochEnded(count.epoch, count.mean, metrics, time.perf_counter() - count.began, better))
        self.moments.epoch_end(count.epoch, count.mean, metrics)

    def _salvage(self) -> None:
        """After a hard interrupt, keep what the open epoch has learned, where no weights are known to be good."""
        if self.judged.epoch is None and self.open is not None and self.open.done and self.runner.publish():
            self._close(self.open, {}, False)

    def _finish(self, reason: Reason, began: float) -> None:
        good = self.judged.weights
        if good is not None and (self.judged.epoch is not None or reason in ("nan", "memory")):
            self.restore(good)
        elif reason not in ("nan", "memory"):
            self.runner.publish()
        self.moments.train_end()
        self.listen(RunEnded(reason, self.epoch, self.judged.epoch, time.perf_counter() - began))

    def _better(self, metrics: dict[str, float], epoch: int) -> bool:
        """Note this epoch if its watched metric is the best so far."""
        watched, best = next(iter(metrics.values()), math.nan), self.judged.metric
        better = self.paid is None and math.isfinite(watched) and (
            best is None or (watched > best if self.higher else watched < best))
        if better:
            self.judged = Judged(watched, epoch)
        return better

    def _steps(self, count: Count, rng: np.random.Generator) -> None:
        """Run the rest of an epoch, or until a stop is asked for; a block is drawn while the device computes."""
        pending: Chunk | None = None
        log: Any = None  # what was exchanged last
        behind = count.done  # steps of this epoch that were done before
        for block in self.sampler.blocks(rng):
            start = min(behind, block.steps)
            behind -= start
            batches = self.runner.place(block.batches) if start < block.steps else {}
            if block.log is not None and block.log is not log and start < block.steps:
                log = block.log
                self.runner.exchange(log)
            while start < block.steps:
                if pending is not None:
                    self._arrived(count, pending)
                    pending = None
                if self._stopped() or self.moments.stopping:
                    return
                stop = min(block.steps, start + (1 if self.moments.every_step else self.pace.steps))
                self.moments.batch_begin(count.done)
                pending = self._sent(batches, start, stop, block.batch)
                start = stop
        if pending is not None:
            self._arrived(count, pending)

    def _sent(self, batches: Any, start: int, stop: int, batch: int) -> Chunk:
        """Send a chunk of steps to the device, telling if that had to compile first."""
        compiled = self.runner.compile_seconds
        losses = self.runner.run(batches, start, stop)
        if self.runner.compile_seconds > compiled:
            self.listen(Compiled(self.runner.compile_seconds - compiled))
        return Chunk(losses, start, stop, batch, time.perf_counter())

    def _arrived(self, count: Count, chunk: Chunk) -> None:
        """Wait for a chunk, count and tell it; TrainingError if a loss is not a number."""
        values = ops.convert_to_numpy(chunk.losses)[chunk.start : chunk.stop]
        seconds = max(time.perf_counter() - chunk.began, 1e-6)
        self.moments.batches_end(count.done, count.means(values, chunk.batch))
        wrong = np.flatnonzero(~np.isfinite(values))
        if len(wrong):
            step = count.done + int(wrong[0]) + 1
            raise not_a_number("The loss", f"at step {step} of epoch {count.epoch}")
        count.done += len(values)
        count.examples += len(values) * chunk.batch
        # In 64 bits the sum is the same however the clock has cut the epoch into chunks.
        count.total += float(values.sum(dtype=np.float64)) * chunk.batch
        if chunk.batch == self.sampler.batch:
            self.pace.learn(len(values), seconds)
        speed = len(values) * chunk.batch / seconds
        self.listen(Progress(count.epoch, count.done, count.steps, float(values.mean()), speed))
