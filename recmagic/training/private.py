"""Private training: who is protected in a run, and by which steps (DP-SGD: Abadi et al. 2016, Deep learning with
differential privacy; for users, McMahan et al. 2018, Learning differentially private recurrent language models)."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import Any, Protocol

import keras
import numpy as np

from recmagic.backends.look_ups import answered
from recmagic.backends.protocol import Backend, Clipping
from recmagic.compiler.drop_ids import DropIds
from recmagic.compiler.guarantee import Guarantee
from recmagic.compiler.learning import LISTWISE
from recmagic.compiler.program import Program
from recmagic.compiler.unknown_row import UnknownRow
from recmagic.training.events import EpochEnded, Event, Listener, PrivacySpent, RunEnded
from recmagic.training.examples import Arrays, batch_size, sampler, training_arrays
from recmagic.training.lists import ListSampler
from recmagic.training.objective import Objective
from recmagic.training.poisson import PoissonSampler
from recmagic.training.position import Position
from recmagic.training.prepared import Prepared
from recmagic.training.sampler import Sampler

STEPS_AN_EPOCH, SMALLEST_BATCH = 10, 64  # large batches: the noise on a sum is the same for many as for few
NUMBERS_AT_ONCE = 2**24  # of the gradients of units that are computed together: 64 MB
MOST_AT_ONCE = 256
MOST_LOOKED_UP = 512  # rows of a table by one unit; more are compared with each other too slowly


class Ask(Protocol):
    """What a user asks for: `privacy.Privacy` is one."""

    @property
    def unit(self) -> str:
        """What is protected: "user" or "interaction"."""

    @property
    def rows(self) -> int:
        """How many of a user's interactions are taken at a time."""

    def check(self, program: Any) -> None:
        """Refuse a program that cannot be trained so; TrainingError."""

    def guarantee(self, units: int, rate: float, steps: int, epochs: int) -> Guarantee:
        """Return what epochs of so many steps each will have cost: at most the budget, with fewer epochs if need be.

        TrainingError where the budget does not pay for one epoch.
        """

    def after(self, whole: Guarantee, steps: int) -> Guarantee:
        """Return what a part of the steps has cost."""


def private_parts(program: Program, ask: Ask, batch: int | str | None, epochs: int, backend: Backend,
                  promised: Guarantee | None) -> Prepared:
    """Return what a private run learns from; `promised` is what was promised before, if it goes on.

    TrainingError where the budget does not pay for an epoch.
    """
    arrays = training_arrays(program.cut, program.learning, program.data)
    units = _units(program, arrays, ask, batch)
    clipping = _clipping(program, arrays, units, backend)
    units = replace(units, at_once=clipping.at_once)
    whole = promised or ask.guarantee(units.unit_count, units.rate, units.steps_per_epoch, epochs)
    numbers = {"private/clip": np.float32(whole.clip), "private/noise": np.float32(whole.noise * whole.clip),
               "private/expected": np.float32(units.batch)}
    return Prepared({**arrays, **{name: np.asarray(value) for name, value in numbers.items()}}, units, clipping, whole)


def _units(program: Program, arrays: Arrays, ask: Ask, batch: int | str | None) -> PoissonSampler:
    """Return the sampler of a private run; `batch` is how many units are in a step on average."""
    learning, by_user = program.learning, ask.unit == "user"
    plain = sampler(program.cut, learning, program.data, arrays, 1)
    listed = isinstance(plain, ListSampler)
    rows = min(ask.rows, int(np.bincount(plain.users).max())) if by_user else 1
    if learning.kind == LISTWISE and listed:
        rows = plain.steps
        plain = Sampler(plain.examples, plain.users, 1, 1, None)
    made = PoissonSampler(plain, by_user, plain.example_count, rows, listed=listed)
    count = made.unit_count
    usual = min(count, max(SMALLEST_BATCH, count // STEPS_AN_EPOCH))
    return replace(made, batch=usual if batch is None else batch_size(batch, count, False))


def _clipping(program: Program, arrays: Arrays, units: PoissonSampler, backend: Backend) -> Clipping:
    """Return how the gradients of a program's units are cut, and how many are computed at a time."""
    objective = Objective(program.cut, program.learning)
    tables = [layer for layer in program.layers if type(layer) is keras.layers.Embedding]
    uses = _look_ups(objective, arrays, units, backend, tables)
    apart = [(table, count) for table, count in zip(tables, uses)
             if 0 < count <= MOST_LOOKED_UP and 2 * count <= table.input_dim]
    numbers = sum(int(np.prod(each.shape)) for each in program.cut.trainable_variables)
    numbers += sum(count * (count + table.output_dim) - int(np.prod(table.embeddings.shape)) for table, count in apart)
    at_once = int(np.clip(NUMBERS_AT_ONCE // max(numbers, 1), 1, min(MOST_AT_ONCE, units.batch)))
    learns_unknown = any(isinstance(layer, DropIds) for layer in program.layers)
    still = [] if learns_unknown else [table.embeddings for table in tables
                                       if isinstance(table.embeddings_initializer, UnknownRow)]
    return Clipping(objective.sums, at_once, [table for table, _ in apart], still)


def _look_ups(objective: Objective, arrays: Arrays, units: PoissonSampler, backend: Backend,
              tables: list[Any]) -> list[int]:
    """Return how many rows of each table one unit looks up."""
    counts = [0] * len(tables)
    order = np.arange(len(units.plain.users))
    unit = units.of_units(np.random.default_rng(0), np.zeros(1, np.int64), order)

    def call(number: int, codes: Any) -> Any:
        counts[number] += int(np.prod(codes.shape))
        return keras.ops.take(tables[number].embeddings, codes, axis=0)

    with keras.StatelessScope(), answered(tables, call):
        objective.sums(backend.place(arrays), backend.place({name: each[0] for name, each in unit.items()}))
    return counts


def secret() -> int:
    """Return a seed that nobody knows: whoever knew the seed of the noise could take it off again."""
    return secrets.randbits(128)


def spending(tell: Listener, ask: Ask, whole: Guarantee, steps_per_epoch: int, start: Position) -> Listener:
    """Return a listener that hands events on, and tells after an epoch and at the end what is spent since the start.

    An epoch that was cut short counts as a whole one: more may have been computed than was told.
    """
    done = start.epoch - (start.steps == 0)

    def listen(event: Event) -> None:
        nonlocal done
        if isinstance(event, (EpochEnded, RunEnded)):
            done = max(done, event.epoch)
            tell(PrivacySpent(ask.after(whole, min(done * steps_per_epoch, whole.steps))))
        tell(event)

    return listen
