"""What a cell learns: the loss, what is predicted, against which candidates, by which optimizer, watched by what."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from keras import ops
from numpy.typing import NDArray

from recmagic.augment import Augmentation
from recmagic.compiler.augmenting import augmentations
from recmagic.compiler.settings import Objects, instance, lacking, setting
from recmagic.compiler.usual import usual_loss, usual_negatives
from recmagic.compiler.weighing import weights_of
from recmagic.data.column import Column as DataColumn
from recmagic.data.dataset import Dataset
from recmagic.data.split import TRAIN
from recmagic.errors import RecmagicError, SpecError
from recmagic.negatives import Negatives
from recmagic.spec import Call, Column, Group, Node, Spec, columns_used, problem, write_node
from recmagic.spec.positions import statement_position

# Kinds with a target column; the ranking kinds are those of losses/.
REGRESSION, BINARY, LISTWISE = "regression", "binary", "listwise"


@dataclass(frozen=True)
class Default:
    """Something the cell left open, what was taken for it, and why."""

    what: str
    text: str
    why: str


@dataclass(frozen=True)
class Target:
    """What is predicted: values (n,) a row of the interactions, NaN where unknown, or None for the item itself.

    `sources` are the raw columns that it is made from, which the score must not read.
    """

    text: str
    values: NDArray[np.float32] | None
    sources: frozenset[str] = frozenset()

    @property
    def binary(self) -> bool:
        """Whether all that is known of it is 0 or 1."""
        return self.values is not None and bool(np.isin(self.values[~np.isnan(self.values)], (0, 1)).all())

    def examples(self, data: Dataset) -> NDArray[np.bool_]:
        """Return which interactions (n,) there is something to learn from: positives of training, or known values."""
        events = data.interactions
        return (events.part == TRAIN) & (events.positive if self.values is None else ~np.isnan(self.values))


@dataclass(frozen=True)
class Learning:
    """The learning half of a cell. `kind` is regression, binary, listwise, pointwise, pairwise or softmax."""

    loss: Any
    kind: str
    target: Target
    negatives: Negatives | None
    optimizer: Callable[[], Any]
    metrics: tuple[tuple[str, int | None], ...]  # with their k, None where the cell gives none
    defaults: tuple[Default, ...] = field(default=())
    masked: float = 0.0  # the share of a sequence's steps that are hidden and predicted
    profiles: bool = False  # whether an example is a user, all of whose items are predicted
    weights: NDArray[np.float32] | None = None  # (n,) a row of the interactions, 1 on average over training examples
    augment: tuple[Augmentation, ...] = ()
    score: str = "score"  # the line that it learns
    tasks: tuple[Learning, ...] = ()  # where several scores are learned together, all of them, in the cell's order

    @property
    def sources(self) -> frozenset[str]:
        """The raw columns that targets are made from, which no score may read."""
        return self.target.sources.union(*(task.target.sources for task in self.tasks))

    @property
    def ranking(self) -> bool:
        """Whether positives are compared with candidates, rather than rows with their target."""
        return self.negatives is not None

    def labelled(self, labels: Any, scores: Any) -> Any:
        """Return one loss a row (R,) for targets (R,)."""
        if self.kind == BINARY:
            return self.loss.labelled(labels, scores)
        return self.loss.call(ops.expand_dims(labels, 1), ops.expand_dims(scores, 1))

    def listed(self, labels: Any, scores: Any, counted: Any, length: int) -> Any:
        """Return one loss a row (R,) for targets (R,) of lists of `length` rows, one after the other."""
        labels, scores, real = (ops.reshape(each, (-1, length)) for each in (labels, scores, counted > 0))
        return ops.reshape(self.loss.lists(labels, scores, real), (-1,))


class Learner:
    """Reads the learning statements of a cell and fills what they leave open, noting each default."""

    def __init__(self, spec: Spec, data: Dataset, objects: Objects) -> None:
        self.spec, self.data, self.objects = spec, data, objects
        self.defaults: list[Default] = []
        self.masked, self.profiles = 0.0, False

    def target(self) -> Target | None:
        """Return what the cell's `target` line says; None where there is no line, or an item is to be predicted."""
        statement = self.spec.statement("target")
        if statement is None or (isinstance(statement.value, Call) and statement.value.name == "next_item"):
            return None
        node = statement.value
        if isinstance(node, Call) and node.name == "masked_item":
            self.masked = instance(node, ("target",), self.spec, self.objects)
            return None
        if isinstance(node, Call) and node.name == "profile_items":
            self.profiles = True
            return None
        try:
            sources = frozenset(self.data.column(name).source for name in columns_used(node))
            values = self._values(node)
            self._check_two_classes(node, values)
            return Target(write_node(self.spec, "target"), values, sources)
        except SpecError:
            raise
        except RecmagicError as error:
            raise self.error(node, error.message, error.hint) from None

    def _check_two_classes(self, node: Node, values: NDArray[np.float32]) -> None:
        """Refuse a comparison that comes out the same for every interaction: there is nothing to tell apart."""
        known = np.unique(values[~np.isnan(values)])
        if not isinstance(node, Column) and len(known) == 1:
            raise self.error(node, f"This is {known[0]:g} for every interaction, so there is nothing to learn.",
                             "Take a value that some interactions reach and others do not.")

    def _values(self, node: Node) -> NDArray[np.float32]:
        if isinstance(node, Column):
            return self._numeric(node).originals().astype(np.float32)
        call = self.call("target", node)
        return np.asarray(self.filled("target", call))

    def _numeric(self, node: Column) -> DataColumn:
        """Return a column of the interactions that holds numbers; SpecError at any other."""
        column = self.data.column(node.name)
        if column.side != "interaction":
            raise self.error(node, f"'{node.name}' belongs to the {column.side}, not to an interaction.",
                             "A target is a column of the interactions.")
        if column.kind in ("text", "multi") or bool(np.isnan(column.originals()).all()):
            raise self.error(node, f"'{node.name}' holds no numbers.", "Take one that does, such as rating.")
        return column

    def filled(self, kind: str, call: Call, *first: Any) -> Any:
        """Return what a word of targets or weights gives for what stands in its call, behind what is filled in."""
        word = self.objects[kind, call.name]
        parameters = list(inspect.signature(word).parameters.values())[len(first) :]
        by_name = {each.name: each for each in parameters}
        given = [self._given(kind, parameter, each) for parameter, each in zip(parameters, call.arguments)]
        options = {name: self._given(kind, by_name[name], each) for name, each in call.options}
        return word(*first, *given, **options)

    def _given(self, kind: str, parameter: inspect.Parameter, node: Node) -> Any:
        """Return what a word takes: a column of the data, or a setting."""
        if isinstance(node, Column):
            value = self._numeric(node) if kind == "target" else self.data.column(node.name)
        else:
            value = setting(node, self.spec, self.objects)
        needed = lacking(parameter, value)
        if needed:
            raise self.error(node, f"This should be {needed}.", statement_position(kind).hint)
        return value

    def call(self, what: str, node: Node) -> Call:
        """Return the call that a line holds, if need be by the name of an earlier line."""
        node = self.spec.meant(node)
        if isinstance(node, Call):
            return node
        raise self.error(node, f"One {what} is all that a model can have so far.", f"Write {what} = one of these.")

    def is_regression(self, target: Target | None) -> bool:
        """Whether a number is predicted, so that a sigmoid that ends the score is a part of the prediction."""
        statement = self.spec.statement("loss")
        if statement is None:
            return target is not None and not target.binary
        name = self.call("loss", statement.value).name
        return getattr(self.objects["loss", name], "kind", REGRESSION) == REGRESSION

    def loss(self, target: Target | None, sigmoid: bool, retrieval: bool) -> tuple[Any, str]:
        """Return the loss and its kind, by default the one that suits the score."""
        statement = self.spec.statement("loss")
        if statement is None:
            name, why = usual_loss(target, sigmoid, retrieval)
            loss = self._default("loss", f"{name}()", self.objects["loss", name](), why)
        else:
            loss = instance(self.call("loss", statement.value), ("loss",), self.spec, self.objects)
        kind = getattr(loss, "kind", REGRESSION)
        if target is None or kind in (REGRESSION, LISTWISE):
            return loss, kind
        node = self.spec.statement("target").value  # type: ignore[union-attr]
        if not hasattr(loss, "labelled"):
            raise self.error(node, f"{type(loss).__name__} ranks items and takes no target column.",
                             "Leave the line out, or take BinaryCrossentropy() or a regression loss.")
        if not target.binary:
            raise self.error(node, f"{type(loss).__name__} learns 0 or 1, and this takes other values.",
                             "Write target = at_least(rating, 4), or take MeanSquaredError().")
        return loss, BINARY

    def number(self, target: Target | None) -> Target:
        """Return the target of a loss that needs one, by default the rating."""
        if target is not None:
            return target
        if self.data.interactions.rating is None:
            statement = self.spec.statement("loss")
            node = statement.value if statement else self.spec.statements[-1].value
            raise self.error(node, "This loss learns from a number, and the data has no ratings.",
                             "Write target = a numeric column, or take a ranking loss such as BPR().")
        self._default("target", "rating", None, "it is the number that the data has")
        return Target("rating", self.data.interactions.rating, frozenset({self.data.column("rating").source}))

    def negatives(self, loss: Any, kind: str, retrieval: bool) -> Negatives | None:
        """Return the candidates, by default those that the loss is known to work with."""
        statement = self.spec.statement("negatives")
        if kind in (REGRESSION, BINARY, LISTWISE):
            if statement is not None:
                raise self.error(statement.value, "Negatives have no meaning beside a loss on a target column.",
                                 "Leave the line out, or take a ranking loss without a target.")
            return None
        if statement is not None:
            return instance(self.call("negatives", statement.value), ("negatives",), self.spec, self.objects)
        usual = usual_negatives(kind, retrieval, self.data.items.count)
        text, why = getattr(loss, "usual_negatives", usual)
        name, _, count = text.rstrip(")").partition("(")
        made = self.objects["negatives", name](*([int(count)] if count else []))
        return self._default("negatives", text, made, why)

    def optimizer(self) -> Callable[[], Any]:
        """Return a function that makes the optimizer afresh, by default Adam(0.001)."""
        statement = self.spec.statement("optimizer")
        if statement is None:
            self._default("optimizer", "Adam(0.001)", None, "it needs little tuning")
            return lambda: self.objects["optimizer", "Adam"](0.001)
        call = self.call("optimizer", statement.value)
        instance(call, ("optimizer",), self.spec, self.objects)  # what it refuses should be seen now
        return lambda: instance(call, ("optimizer",), self.spec, self.objects)

    def metrics(self, kind: str) -> tuple[tuple[str, int | None], ...]:
        """Return the watched metrics with their k, the first one decides; by default one that suits the kind."""
        statement = self.spec.statement("metrics")
        if statement is None:
            name = {REGRESSION: "rmse", BINARY: "auc"}.get(kind, "ndcg")
            self._default("metrics", f"[{name}{'(10)' if name == 'ndcg' else '()'}]", None, "it suits the loss")
            return ((name, None),)
        nodes = statement.value.items if isinstance(statement.value, Group) else (statement.value,)
        calls = [self.call("metrics", node) for node in nodes]
        return tuple((call.name, self._k(call)) for call in calls)

    def _k(self, call: Call) -> int | None:
        node = dict(call.options).get("k", call.arguments[0] if call.arguments else None)
        if node is None:
            return None
        k = setting(node, self.spec, self.objects)
        if not isinstance(k, int) or isinstance(k, bool) or k < 1:
            raise self.error(node, f"A list is a whole number of items long, not {k!r}.", f"Write {call.name}(10).")
        return int(k)

    def check_profiles(self, loss: Any, negatives: Negatives | None) -> None:
        """Refuse what cannot weigh a whole profile against all items; SpecError."""
        node = self.spec.statement("target").value  # type: ignore[union-attr]
        if not hasattr(loss, "multinomial"):
            raise self.error(node, f"{type(loss).__name__} does not weigh a whole profile against all items.",
                             "Write loss = CategoricalCrossentropy().")
        if negatives is None or negatives.source != "catalogue":
            raise self.error(node, "A whole profile is weighed against all items.", "Write negatives = catalogue().")

    def _default(self, what: str, text: str, value: Any, why: str) -> Any:
        self.defaults.append(Default(what, text, why))
        return value

    def error(self, node: Node, message: str, hint: str) -> SpecError:
        """Return the error to raise, with a caret under the node."""
        return SpecError([problem(self.spec, node, message, hint)])


def learning(learner: Learner, target: Target | None, sigmoid: bool, retrieval: bool) -> Learning:
    """Return what a cell learns, given the target it names and the score it was compiled to."""
    loss, kind = learner.loss(target, sigmoid, retrieval)
    if kind in (REGRESSION, LISTWISE):
        target = learner.number(target)
    negatives = learner.negatives(loss, kind, retrieval)
    if learner.profiles:
        learner.check_profiles(loss, negatives)
    if hasattr(loss, "for_catalogue"):
        loss.for_catalogue(int(learner.data.items.warm.sum()))
    named = learner.masked or learner.profiles
    target = target or Target(write_node(learner.spec, "target") if named else "next_item()", None)
    return Learning(loss, kind, target, negatives, learner.optimizer(), learner.metrics(kind), tuple(learner.defaults),
                    learner.masked, learner.profiles, weights_of(learner, target), augmentations(learner))
