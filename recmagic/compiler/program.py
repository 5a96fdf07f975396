"""A model over a data set, whatever it was made from: the cut, what it learns, and where its weights start."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from recmagic import backends
from recmagic.backends.protocol import Arrays, Backend
from recmagic.compiler.cut import Cut
from recmagic.compiler.learning import BINARY, LISTWISE, Learning
from recmagic.compiler.outline import Outline
from recmagic.compiler.scorer import CutScorer, Functions
from recmagic.data.column import Column
from recmagic.data.dataset import Dataset
from recmagic.spec.vocabulary import Vocabulary


@dataclass(eq=False, kw_only=True)
class Program(ABC):
    """What training, evaluation and the card see of a model; new data is a new program.

    `precision` is a policy of Keras, None: 32 bits throughout. `as_drawn`: the weights are still those that `seed`
    gives. `carried_over`: weights and codes come from a former program over less data.
    """

    data: Dataset
    cut: Cut
    learning: Learning
    seed: int
    precision: str | None = None
    as_drawn: bool = False
    carried_over: bool = False

    @property
    @abstractmethod
    def layers(self) -> list[keras.layers.Layer]:
        """The layers that we have made for it."""

    @property
    def keras_model(self) -> Any:
        """The Keras model that a user has brought, None for a cell."""
        return None

    @abstractmethod
    def redraw(self, seed: int) -> None:
        """Set all variables to how a training with this seed starts."""

    @abstractmethod
    def anew(self, seed: int, precision: str | None) -> Program:
        """Return it made anew over its data, to be trained from the start; ModelError where that cannot be."""

    @abstractmethod
    def updated(self, data: Dataset) -> Program:
        """Return it over more data with the weights as they are; ModelError where that cannot be."""

    @abstractmethod
    def outline(self) -> Outline:
        """Return what it is made of, for its card."""

    @abstractmethod
    def meaning(self, words: Vocabulary) -> str:
        """Return a short hash of what it is, apart from its data."""

    def make_optimizer(self) -> Any:
        """Return its optimizer, made afresh; numbers of 16 bits need a scaled loss."""
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

    def scorer(self, backend: Backend, parts: Iterable[int], context: Arrays | None = None,
               overrides: Arrays | None = None) -> CutScorer:
        """Return a scorer whose users have done what some parts hold; see `Recommender`."""
        return CutScorer(self.functions, backend, self.data, parts, context, overrides)

    @property
    def tables(self) -> Mapping[str, Column]:
        """The columns that it reads, by the names of their tables ("user/age")."""
        return self.cut.tables

    @property
    def targets(self) -> NDArray[np.float32] | None:
        """What predictions of rows are compared with; None where it only ranks, or puts rows in order, no more."""
        return None if self.learning.kind == LISTWISE else self.learning.target.values

    @property
    def binary(self) -> bool:
        """Whether the targets are 0 or 1."""
        return self.learning.kind == BINARY

    @property
    def probabilities(self) -> bool:
        """Whether a score is a logit, so that its sigmoid is a prediction."""
        return self.learning.kind in (BINARY, "pointwise") or self.cut.sigmoid

    @property
    def context_columns(self) -> list[str]:
        """The columns of the interaction itself that a score needs."""
        return [feed.table for feed in self.cut.query_feeds if feed.table.startswith("log/") and feed.window is None]

    @property
    def looks_back(self) -> bool:
        """Whether the score uses what the user has done, so that a new user can be known by what they like."""
        return any(feed.window is not None and not feed.of_graph for feed in self.cut.query_feeds)

    @property
    def user_columns(self) -> list[Column]:
        """The user columns but the id that a score uses, so that a new user can be known by what they are."""
        tables = {feed.table for feed in self.cut.query_feeds if feed.table.startswith("user/")}
        return [self.cut.tables[table] for table in sorted(tables - {"user/user_id"})]

    @cached_property
    def by_score(self) -> dict[str, Program]:
        """Where it has several scores, the model ranked by each of them; itself among them."""
        tasks = self.learning.tasks
        return {task.score: self if place == self.cut.place else replace(
                    self, cut=self.cut.ranked_by(place), learning=replace(task, tasks=tasks))
                for place, task in enumerate(tasks)}

    def reads_target(self) -> Column | None:
        """Return a column that the score reads though it should be predicted, unless through a history."""
        for feed in self.cut.query_feeds:
            column = self.cut.tables.get(feed.table)
            if (column is not None and feed.window is None and column.side == "interaction"
                    and column.source in self.learning.sources):
                return column
        return None
