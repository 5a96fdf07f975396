"""A cell compiled over a data set: the cut model, what it learns, and what its card needs to know."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import keras
import numpy as np
from keras import ops

from recmagic import backends
from recmagic.compiler.builder import Builder
from recmagic.compiler.causality import check_causal
from recmagic.compiler.cut import Cut, cut
from recmagic.compiler.learning import REGRESSION, Learner, Learning, learning
from recmagic.compiler.precision import computed_in
from recmagic.compiler.scorer import Functions
from recmagic.compiler.seeding import seeded
from recmagic.compiler.vocabulary import objects
from recmagic.data.column import Column as DataColumn
from recmagic.data.dataset import Dataset
from recmagic.errors import DataError, SpecError
from recmagic.spec import Column, Spec, problem, walk


@dataclass(eq=False)
class Program:
    """A compiled cell; new data is a new program. `precision` is a policy of Keras, None: 32 bits throughout."""

    spec: Spec
    data: Dataset
    cut: Cut
    learning: Learning
    build: Builder
    seed: int
    precision: str | None = None
    carried_over: bool = False  # whether weights and the codes of made columns come from a former program

    def redraw(self, seed: int) -> None:
        """Set all variables to what compiling anew with a seed would give them."""
        fresh = compile_spec(self.spec, self.data, seed, precision=self.precision)
        for variable, drawn in zip(self.cut.variables, fresh.cut.variables):
            variable.assign(drawn.value)
        self.seed = seed

    def make_optimizer(self) -> Any:
        """Return the cell's optimizer, made afresh; numbers of 16 bits need a scaled loss."""
        made = self.learning.optimizer()
        return keras.optimizers.LossScaleOptimizer(made) if self.precision == "mixed_float16" else made

    @cached_property
    def parameters(self) -> int:
        """Number of trained numbers."""
        return sum(int(np.prod(each.shape)) for each in self.cut.trainable_variables)

    @cached_property
    def functions(self) -> Functions:
        """The towers and the head, compiled for scoring."""
        return Functions(self.cut, backends.current())

    @property
    def context_columns(self) -> list[str]:
        """The columns of the interaction itself that a score needs."""
        return [feed.table for feed in self.cut.query_feeds if feed.table.startswith("log/") and feed.window is None]

    @property
    def looks_back(self) -> bool:
        """Whether the score uses what the user has done, so that a new user can be known by what they like."""
        return any(feed.window is not None for feed in self.cut.query_feeds)

    @property
    def user_columns(self) -> list[DataColumn]:
        """The user columns but the id that a score uses, so that a new user can be known by what they are."""
        tables = {feed.table for feed in self.cut.query_feeds if feed.table.startswith("user/")}
        return [self.cut.tables[table] for table in sorted(tables - {"user/user_id"})]


def compile_spec(spec: Spec, data: Dataset, seed: int = 0, former: Program | None = None,
                 precision: str | None = None) -> Program:
    """Compile a cell over a data set, with initial weights drawn by the seed; SpecError where they do not fit.

    With `former`, the same cell over less data, columns made from others keep its vocabularies, and its weights are
    carried over (new rows of a table start as drawn).
    """
    precision = precision if former is None else former.precision
    _check_columns(spec, data)
    known = {} if former is None else former.build.made_columns
    learner = Learner(spec, data, objects())
    with seeded(seed), computed_in(precision):
        target = learner.target()
        made, build = cut(spec, data, objects(), target.sources if target else frozenset(), known,
                          logits=not learner.is_regression(target))
    learned = learning(learner, target, made.sigmoid, made.retrieval)
    _check_target_unseen(spec, made, learned)
    if made.every_step:
        check_causal(made, build)
    if learned.kind == REGRESSION:
        _start_at_mean(made, data, learned)
    program = Program(spec, data, made, learned, build, seed, precision, former is not None)
    if former is not None:
        _carry_over(former.build, build)
    return program


def _check_columns(spec: Spec, data: Dataset) -> None:
    """Refuse columns that the data does not have, wherever in the cell."""
    problems = []
    for node in (node for statement in spec.statements for node in walk(statement.value) if isinstance(node, Column)):
        try:
            data.column(node.name)
        except DataError as error:
            problems.append(problem(spec, node, error.message, error.hint))
    if problems:
        raise SpecError(problems)


def _check_target_unseen(spec: Spec, made: Cut, learned: Learning) -> None:
    """Refuse a score that reads its own target, or a column made from it, except through a history."""
    for feed in made.query_feeds:
        column = made.tables.get(feed.table)
        if column is None or feed.window is not None or column.side != "interaction":
            continue
        if column.source in learned.target.sources:
            statement = spec.statement("score")
            assert statement is not None
            message = f"The score reads '{column.name}', which is what it should predict."
            raise SpecError([problem(spec, statement.value, message, "Use it inside history(…) only.")])


def _start_at_mean(made: Cut, data: Dataset, learned: Learning) -> None:
    values = learned.target.values
    assert values is not None
    mean = float(np.nanmean(values[data.training_rows("interaction")]))
    for table in made.global_biases:
        table.embeddings.assign(np.full(table.embeddings.shape, mean, np.float32))


def _carry_over(old: Builder, new: Builder) -> None:
    """Copy the weights of each layer by its name; a table that has grown keeps its new rows as drawn."""
    layers = {layer.name: layer for made in old.layers.values() for layer in made}
    for layer in (layer for made in new.layers.values() for layer in made):
        for source, variable in zip(layers[layer.name].variables, layer.variables):
            value, drawn = (ops.convert_to_numpy(each.value) for each in (source, variable))
            variable.assign(np.concatenate([value, drawn[len(value) :]]) if value.shape != drawn.shape else value)
