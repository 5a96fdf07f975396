"""A cell compiled over a data set: a program whose layers are made from text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import keras
import numpy as np
from keras import ops

from recmagic.compiler.augmenting import check_augmentations
from recmagic.compiler.builder import Builder
from recmagic.compiler.causality import check_causal
from recmagic.compiler.cut import Cut, cut
from recmagic.compiler.learning import REGRESSION, Learner, learning
from recmagic.compiler.learning_tasks import together
from recmagic.compiler.outline import Outline, outline
from recmagic.compiler.precision import computed_in
from recmagic.compiler.program import Program
from recmagic.compiler.seeding import seeded
from recmagic.compiler.sizes import counted_first
from recmagic.compiler.tasks import tasks_of
from recmagic.compiler.vocabulary import objects
from recmagic.data.column import Column as DataColumn
from recmagic.data.dataset import Dataset
from recmagic.errors import DataError, SpecError
from recmagic.spec import Column, Spec, fingerprint, problem, walk
from recmagic.spec.vocabulary import Vocabulary


@dataclass(eq=False, kw_only=True)
class CellProgram(Program):
    """A compiled cell."""

    spec: Spec
    build: Builder

    @property
    def layers(self) -> list[keras.layers.Layer]:
        """The layers of all lines."""
        return [layer for made in self.build.layers.values() for layer in made]

    def redraw(self, seed: int) -> None:
        """Set all variables to what compiling anew with a seed would give them."""
        fresh = self.anew(seed, self.precision)
        for variable, drawn in zip(self.cut.variables, fresh.cut.variables):
            variable.assign(drawn.value)
        self.seed = seed

    def anew(self, seed: int, precision: str | None) -> CellProgram:
        """Return the cell compiled anew, with weights drawn by the seed; ModelError at an unknown precision."""
        return compile_spec(self.spec, self.data, seed, precision=precision)

    def updated(self, data: Dataset) -> CellProgram:
        """Return the cell over more data with the weights as they are."""
        return compile_spec(self.spec, data, self.seed, former=self)

    def outline(self) -> Outline:
        """Return the lines of the cell."""
        return outline(self.spec, self.build, self.data)

    def meaning(self, words: Vocabulary) -> str:
        """Return a short hash of what the cell means."""
        return fingerprint(self.spec, words)


def compile_spec(spec: Spec, data: Dataset, seed: int = 0, former: CellProgram | None = None,
                 precision: str | None = None, known: Mapping[str, DataColumn] | None = None) -> CellProgram:
    """Compile a cell over a data set, with initial weights drawn by the seed; SpecError where they do not fit.

    With `former`, the same cell over less data, columns made from others keep its vocabularies, and its weights are
    carried over (new rows of a table start as drawn). `known` are such columns of a program that is no more.
    """
    precision = precision if former is None else former.precision
    _check_columns(spec, data)
    known = dict(known or {}) if former is None else former.build.made_columns
    tasks = tasks_of(spec)
    learners = [Learner(each, data, objects()) for each in tasks.specs]
    learner = learners[tasks.ranked]
    targets = [each.target() for each in learners]
    sources = frozenset().union(*(target.sources for target in targets if target))
    logits = [not each.is_regression(target) for each, target in zip(learners, targets)]

    def built() -> tuple[Cut, Builder]:
        with seeded(seed), computed_in(precision):
            return cut(spec, data, objects(), sources, known, logits, learner.masked > 0, tasks.ranked)

    made, build = counted_first(built)
    learned = (together(learners, targets, made.sigmoids, tasks) if tasks.several
               else learning(learner, targets[0], made.sigmoid, made.retrieval))
    check_augmentations(learner, learned, made)
    program = CellProgram(data=data, cut=made, learning=learned, seed=seed, precision=precision,
                          as_drawn=former is None, carried_over=former is not None, spec=spec, build=build)
    _check_target_unseen(program)
    if learner.masked and not made.every_step:
        node = spec.statement("target").value  # type: ignore[union-attr]
        raise learner.error(node, "masked_item hides steps of a sequence, and this score has none.",
                            "End the user's side with the steps of a history(…), without last(…) or mean(…).")
    if made.every_step and not learner.masked:
        check_causal(made, build)
    if learned.kind == REGRESSION and not learned.tasks:
        _start_at_mean(program)
    if former is not None:
        _carry_over(former, program)
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


def _check_target_unseen(program: CellProgram) -> None:
    """Refuse a score that reads its own target, or a column made from it, except through a history."""
    column, statement = program.reads_target(), program.spec.statement("score")
    if column is not None:
        assert statement is not None
        message = f"The score reads '{column.name}', which is what it should predict."
        raise SpecError([problem(program.spec, statement.value, message, "Use it inside history(…) only.")])


def _start_at_mean(program: CellProgram) -> None:
    """Let the global biases start at the mean of the target over the training part."""
    values = program.learning.target.values
    assert values is not None
    mean = float(np.nanmean(values[program.data.training_rows("interaction")]))
    for table in program.build.global_biases:
        table.embeddings.assign(np.full(table.embeddings.shape, mean, np.float32))


def _carry_over(old: CellProgram, new: CellProgram) -> None:
    """Copy the weights of each layer by its name; a table that has grown keeps its new rows as drawn."""
    layers = {layer.name: layer for layer in old.layers}
    for layer in new.layers:
        for source, variable in zip(layers[layer.name].variables, layer.variables):
            value, drawn = (ops.convert_to_numpy(each.value) for each in (source, variable))
            variable.assign(np.concatenate([value, drawn[len(value) :]]) if value.shape != drawn.shape else value)
