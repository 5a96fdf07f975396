"""What a cell learns: the loss, what is predicted, against which candidates, by which optimizer, watched by what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from keras import ops
from numpy.typing import NDArray

from recmagic.compiler.keras_names import REGRESSION as LOSSES_OF_KERAS
from recmagic.compiler.settings import Objects, instance
from recmagic.data.dataset import Dataset
from recmagic.errors import RecmagicError, SpecError
from recmagic.negatives import Negatives
from recmagic.spec import Call, Column, Group, Literal, Node, Spec, columns_used, problem, write_node

REGRESSION, BINARY = "regression", "binary"  # kinds with a target column; the ranking kinds are those of losses/
MODEST_CATALOGUE = 20_000  # items up to which a full softmax is the default


@dataclass(frozen=True)
class Default:
    """Something the cell left open, what was taken for it, and why."""

    what: str
    text: str
    why: str


@dataclass(frozen=True)
class Target:
    """What is predicted: values (n,) a row of the interactions, NaN where unknown, or None for the item itself."""

    text: str
    values: NDArray[np.float32] | None
    columns: frozenset[str]


@dataclass(frozen=True)
class Learning:
    """The learning half of a cell. `kind` is regression, binary, pointwise, pairwise or softmax."""

    loss: Any
    kind: str
    target: Target
    negatives: Negatives | None
    optimizer: Callable[[], Any]
    metrics: tuple[tuple[str, int], ...]
    defaults: tuple[Default, ...] = field(default=())

    @property
    def ranking(self) -> bool:
        """Whether positives are compared with candidates, rather than rows with their target."""
        return self.negatives is not None

    def labelled(self, labels: Any, scores: Any) -> Any:
        """Return one loss a row (R,) for targets (R,)."""
        if self.kind == BINARY:
            return self.loss.labelled(labels, scores)
        return self.loss.call(ops.expand_dims(labels, 1), ops.expand_dims(scores, 1))


class Learner:
    """Reads the learning statements of a cell and fills what they leave open, noting each default."""

    def __init__(self, spec: Spec, data: Dataset, objects: Objects) -> None:
        self.spec, self.data, self.objects = spec, data, objects
        self.defaults: list[Default] = []

    def target(self) -> Target | None:
        """Return what the cell's `target` line says; None where there is no line or it says next_item()."""
        statement = self.spec.statement("target")
        if statement is None or (isinstance(statement.value, Call) and statement.value.name == "next_item"):
            return None
        node = statement.value
        try:
            return Target(write_node(self.spec, "target"), self._values(node), frozenset(columns_used(node)))
        except SpecError:
            raise
        except RecmagicError as error:
            raise self.error(node, error.message, error.hint) from None

    def _values(self, node: Node) -> NDArray[np.float32]:
        if isinstance(node, Column):
            column = self.data.column(node.name)
            if column.side != "interaction":
                raise self.error(node, f"'{node.name}' belongs to the {column.side}, not to an interaction.",
                                 "A target is a column of the interactions.")
            return column.originals().astype(np.float32)
        assert isinstance(node, Call)  # the reader lets only a column or a target word stand here
        first, *settings = node.arguments
        assert isinstance(first, Column)
        given = [setting.value for setting in settings if isinstance(setting, Literal)]
        options = {name: each.value for name, each in node.options if isinstance(each, Literal)}
        return np.asarray(self.objects["target", node.name](self.data.column(first.name), *given, **options))

    @property
    def is_regression(self) -> bool:
        """Whether the cell names a regression loss, under which a sigmoid is a part of the prediction."""
        statement = self.spec.statement("loss")
        return statement is not None and isinstance(statement.value, Call) and statement.value.name in LOSSES_OF_KERAS

    def loss(self, target: Target | None, sigmoid: bool, retrieval: bool) -> tuple[Any, str]:
        """Return the loss and its kind, by default the one that suits the score."""
        statement = self.spec.statement("loss")
        if statement is None:
            name = "BinaryCrossentropy" if sigmoid or not retrieval else "CategoricalCrossentropy"
            why = "the score is a probability" if sigmoid else "it suits a model that ranks"
            loss = self._default("loss", name, self.objects["loss", name](), why)
        else:
            assert isinstance(statement.value, Call)
            loss = instance(statement.value, ("loss",), self.spec, self.objects)
        kind = getattr(loss, "kind", REGRESSION)
        if target is None or kind == REGRESSION:
            return loss, kind
        if kind == "pointwise":
            return loss, BINARY
        raise self.error(self.spec.statement("target").value,  # type: ignore[union-attr]
                         f"{type(loss).__name__} ranks items and takes no target column.",
                         "Leave the line out, or take BinaryCrossentropy() or a regression loss.")

    def regression_target(self, target: Target | None) -> Target:
        """Return the target of a regression, by default the rating."""
        if target is not None:
            return target
        if self.data.interactions.rating is None:
            statement = self.spec.statement("loss")
            node = statement.value if statement else self.spec.statements[-1].value
            raise self.error(node, "This loss predicts a number, and the data has no ratings.",
                             "Write target = a numeric column, or take a ranking loss such as BPR().")
        self._default("target", "rating", None, "it is what a regression predicts")
        return Target("rating", self.data.interactions.rating, frozenset({"rating"}))

    def negatives(self, kind: str, retrieval: bool) -> Negatives | None:
        """Return the candidates, by default those that the loss is known to work with."""
        statement = self.spec.statement("negatives")
        if kind in (REGRESSION, BINARY):
            if statement is not None:
                raise self.error(statement.value, "Negatives have no meaning beside a loss on a target column.",
                                 "Leave the line out, or take a ranking loss without a target.")
            return None
        if statement is not None:
            assert isinstance(statement.value, Call)
            return instance(statement.value, ("negatives",), self.spec, self.objects)
        text, why = _usual_negatives(kind, retrieval, self.data.items.count)
        name, _, count = text.rstrip(")").partition("(")
        made = self.objects["negatives", name](*([int(count)] if count else []))
        return self._default("negatives", text, made, why)

    def optimizer(self) -> Callable[[], Any]:
        """Return a function that makes the optimizer afresh, by default Adam(0.001)."""
        statement = self.spec.statement("optimizer")
        if statement is None:
            self._default("optimizer", "Adam(0.001)", None, "it needs little tuning")
            return lambda: self.objects["optimizer", "Adam"](0.001)
        call = statement.value
        assert isinstance(call, Call)
        instance(call, ("optimizer",), self.spec, self.objects)  # what it refuses should be seen now
        return lambda: instance(call, ("optimizer",), self.spec, self.objects)

    def metrics(self, kind: str) -> tuple[tuple[str, int], ...]:
        """Return the watched metrics with their k, the first one decides; by default one that suits the kind."""
        statement = self.spec.statement("metrics")
        if statement is None:
            name = {REGRESSION: "rmse", BINARY: "auc"}.get(kind, "ndcg")
            self._default("metrics", f"[{name}{'(10)' if name == 'ndcg' else '()'}]", None, "it suits the loss")
            return ((name, 10),)
        nodes = statement.value.items if isinstance(statement.value, Group) else (statement.value,)
        return tuple((node.name, _k(node)) for node in nodes if isinstance(node, Call))

    def _default(self, what: str, text: str, value: Any, why: str) -> Any:
        self.defaults.append(Default(what, text, why))
        return value

    def error(self, node: Node, message: str, hint: str) -> SpecError:
        """Return the error to raise, with a caret under the node."""
        return SpecError([problem(self.spec, node, message, hint)])


def learning(learner: Learner, target: Target | None, sigmoid: bool, retrieval: bool) -> Learning:
    """Return what a cell learns, given the target it names and the score it was compiled to."""
    loss, kind = learner.loss(target, sigmoid, retrieval)
    if kind == REGRESSION:
        target = learner.regression_target(target)
    negatives = learner.negatives(kind, retrieval)
    return Learning(loss, kind, target or Target("next_item()", None, frozenset()), negatives, learner.optimizer(),
                    learner.metrics(kind), tuple(learner.defaults))


def _usual_negatives(kind: str, retrieval: bool, items: int) -> tuple[str, str]:
    if kind == "pairwise":
        return "uniform(1)", "one negative a positive, as in its paper"
    if kind == "pointwise":
        return "uniform(4)", "four negatives a positive, as in its paper"
    if not retrieval:
        return "uniform(16)", "a mixed score is dear to compute for many candidates"
    if items <= MODEST_CATALOGUE:
        return "catalogue()", f"{items:,} items are few enough for a full softmax"
    return "in_batch()", f"{items:,} items are too many for a full softmax"


def _k(node: Call) -> int:
    given = dict(node.options).get("k", node.arguments[0] if node.arguments else None)
    return given.value if isinstance(given, Literal) and isinstance(given.value, int) else 10
