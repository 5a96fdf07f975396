"""Training a compiled cell: from its arrays to a run of the engine, and the history it leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from keras import ops
from numpy.typing import NDArray

from recmagic import backends
from recmagic.backends.protocol import Runner
from recmagic.compiler.cut import Cut
from recmagic.compiler.guarantee import Guarantee
from recmagic.compiler.learning import Learning
from recmagic.compiler.program import Program
from recmagic.errors import TrainingError
from recmagic.training.callbacks import check_callbacks, moments
from recmagic.training.engine import Run, Stop
from recmagic.training.events import Event, Listener, RunStarted
from recmagic.training.examples import Arrays, fixed_arrays, parts
from recmagic.training.federated import Together, follow
from recmagic.training.footprint import check_size, footprint
from recmagic.training.history import History
from recmagic.training.large_tables import large_tables
from recmagic.training.member import follow_server
from recmagic.training.objective import Objective
from recmagic.training.position import Position
from recmagic.training.prepared import Prepared
from recmagic.training.private import Ask, private_parts, secret, spending
from recmagic.training.remedies import told_out_of_memory
from recmagic.training.sharding import sharded
from recmagic.training.slicing import slices
from recmagic.training.validation import directions, validation, watched


@dataclass(frozen=True)
class Plan:
    """How a run goes: `batch` counts examples ("all": every one at once; None: one that suits the data's size).

    `seed` draws the initial weights; None goes on from the weights as they stand. `memory` is how many bytes may hold
    the log at a time, if it is to be read in shards. `callbacks` are Keras's. `keep` is told of every position that the
    run could go on from. `private`: how private the weights are to be; `batch` then counts users, or whatever is kept
    private. `federated`: by which clients, and then rounds stand for epochs.
    """

    epochs: int
    batch: int | str | None
    patience: int | None
    seed: int | None
    listen: Listener | None = None
    stop: Stop | None = None
    memory: int | None = None
    callbacks: Sequence[Any] = ()
    keep: Callable[[Position], None] | None = None
    private: Ask | None = None
    federated: Together | None = None


@dataclass
class Beside:
    """What a training has beside its data: further arrays on the device, and the objective that reads them.

    `whole` changes all of a large table at each step, not only the rows looked up. `kept/N` among the arrays is 0 where
    the trained variable N is held at zero, and needs `whole`.
    """

    arrays: Arrays = field(default_factory=dict)
    objective: Callable[[Cut, Learning], Objective] = Objective
    whole: bool = False


class Training:
    """A program made ready to be trained: what is compiled serves one run after the other.

    `paused` is where the last run could go on, if it was stopped; `plan` is that run's.
    """

    def __init__(self, program: Program, beside: Beside | None = None) -> None:
        self.program, self.beside = program, beside or Beside()
        self.paused: Position | None = None
        self.plan: Plan | None = None
        self._runners: dict[Any, Runner] = {}  # the usual one, and private ones by what they need to know
        self._compiled: set[Any] = set()  # of each runner, the batches whose steps it has compiled
        self._promised: Guarantee | None = None  # what the last private run was to cost in all

    def anew(self, seed: int, precision: str | None) -> Training:
        """Return what trains from the start: itself, unless the program has another precision or former weights."""
        if precision == self.program.precision and not self.program.carried_over:
            return self
        return Training(self.program.anew(seed, precision))

    def take_up(self, plan: Plan, position: Position, seed: int) -> None:
        """Have a run to go on from that was begun elsewhere, from the weights that this seed draws."""
        self.program.redraw(seed)
        self.paused, self.plan = position, plan

    def run(self, name: str, plan: Plan, history: History, start: Position | None = None) -> None:
        """Train the weights in place, writing the history as it goes; TrainingError where it cannot start or go on.

        The weights end as those of the best epoch by the watched metric on the validation part. If the history holds
        no epoch afterwards, nothing was learned, and they are what they were. `start` is a `paused` to go on from.
        """
        if plan.epochs < 1:
            raise TrainingError(f"{plan.epochs} epochs teach nothing.", "Write --epochs 20.")
        program = self.program
        if plan.federated is not None:
            return self._by_clients(name, plan, history)
        check_callbacks(plan.callbacks, program, directions(program))
        with self._prepared(plan, start) as prepared:
            prepared.arrays.update(self.beside.arrays)
            started = self._started(name, plan, prepared)
            measure = validation(program, backends.current())
            former = self._drawn(plan.seed)
            try:
                self._run(started, plan, history, prepared, measure, start or Position())
            finally:
                if not history.epochs:
                    self.paused = None  # a run that learned nothing is no run to go on with
                    self._undo(former)

    def _by_clients(self, name: str, plan: Plan, history: History) -> None:
        """Train by clients that keep their data; such a run does not go on."""
        self.paused = None
        former: list[tuple[int, list[Any]] | None] = [None]

        def draw() -> None:
            former[0] = self._drawn(plan.seed)

        try:
            take_part = follow if plan.federated is None or plan.federated.server is None else follow_server
            take_part(self.program, name, plan, telling(plan, history), draw)
        finally:
            if not history.epochs:
                self._undo(former[0])

    def _undo(self, former: tuple[int, list[Any]] | None) -> None:
        """Set weights back to what they were."""
        if former is not None:
            self.program.seed, values = former
            for variable, value in zip(self.program.cut.variables, values):
                variable.assign(value)

    @contextmanager
    def _prepared(self, plan: Plan, start: Position | None) -> Iterator[Prepared]:
        """Yield the data and the sampler of a run; shards lie in a folder that is removed afterwards."""
        program, cut, learning = self.program, self.program.cut, self.program.learning
        if plan.private is not None:
            promised = None if start is None else self._promised
            made = private_parts(program, plan.private, plan.batch, plan.epochs, backends.current(), promised)
            self._promised = made.promised
            yield made
        elif plan.memory is None:
            seed = program.seed if plan.seed is None else plan.seed
            yield Prepared(*parts(cut, learning, program.data, plan.batch, seed))
        else:
            with TemporaryDirectory(prefix="recmagic-") as folder:
                examples = sharded(program, plan.batch, plan.memory, folder)
                yield Prepared(fixed_arrays(cut, learning, program.data) | examples.data, examples)

    def _drawn(self, seed: int | None) -> tuple[int, list[Any]] | None:
        """Have the weights that a training with this seed starts from, and return the seed and the weights before it.

        None where those are the ones that the seed draws: nothing would be lost.
        """
        program = self.program
        if program.as_drawn and seed in (None, program.seed):
            return None
        former = program.seed, [np.array(ops.convert_to_numpy(each.value)) for each in program.cut.variables]
        if seed is not None:
            program.redraw(seed)
        return former

    def _started(self, name: str, plan: Plan, prepared: Prepared) -> RunStarted:
        """Return what is told at the start; TrainingError where the device has too little memory for the run."""
        program, device, examples = self.program, backends.current().device(), prepared.examples
        needs = footprint(program, prepared.arrays, examples)
        check_size(program, examples, needs, device.memory)
        seed = program.seed if plan.seed is None else plan.seed
        return RunStarted(name, device.text, seed, plan.epochs, examples.batch, examples.steps_per_epoch,
                          examples.example_count, program.parameters, watched(program)[0], needs, device.memory,
                          (prepared.kind, examples.batch) not in self._compiled)

    def _run(self, started: RunStarted, plan: Plan, history: History, prepared: Prepared,
             measure: Callable[[], dict[str, float]], start: Position) -> None:
        program, examples, promised = self.program, prepared.examples, prepared.promised
        tell, paid, seed = telling(plan, history), None, program.seed
        if plan.private is not None and promised is not None:
            paid, seed = promised.steps // examples.steps_per_epoch, secret()
            tell = spending(tell, plan.private, promised, examples.steps_per_epoch, start)
        tell(started)
        runner = self._runner(prepared)
        run = Run(runner, examples, seed, measure, watched(program)[1], self._weights, program.cut.set_weights, tell,
                  plan.stop, start, moments(plan.callbacks, program, runner), plan.keep, paid)
        self.paused, self.plan, program.as_drawn = None, plan, False
        try:
            with told_out_of_memory():
                runner.begin(prepared.arrays)
            run.train(plan.epochs, plan.patience)
        finally:
            self._compiled.add((prepared.kind, examples.batch))
            self.paused = run.paused
            run.moments.close()
            runner.end()

    def _runner(self, prepared: Prepared) -> Runner:
        """Return what runs the steps, made when first asked for."""
        program = self.program
        if prepared.kind not in self._runners:
            objective = self.beside.objective(program.cut, program.learning)
            self._runners[prepared.kind] = backends.current().runner(
                objective, program.cut, program.make_optimizer, [] if self.beside.whole else large_tables(program),
                slices(program, objective, prepared.examples), prepared.clipping)
        return self._runners[prepared.kind]

    def _weights(self) -> list[NDArray[Any]]:
        return [np.array(weight) for weight in self.program.cut.get_weights()]  # copies, on every backend


def telling(plan: Plan, history: History) -> Listener:
    """Return a listener that writes a run's events into its history, and hands them on to the plan's."""
    def tell(event: Event) -> None:
        history.record(event)
        if plan.listen is not None:
            plan.listen(event)

    return tell
