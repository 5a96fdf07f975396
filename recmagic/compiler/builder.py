"""The builder walks a cell's tree and makes Keras tensors and layers, each node once in each window."""

from __future__ import annotations

import inspect
import json
import keyword
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import keras

from recmagic.compiler.feeds import Window
from recmagic.compiler.graphs import Graphs
from recmagic.compiler.operators import OPERATORS
from recmagic.compiler.settings import Objects, instance, lacking, setting
from recmagic.compiler.sizes import TooLarge, check_row, numbers_of
from recmagic.compiler.unknown_row import BadStart
from recmagic.compiler.value import Value
from recmagic.data.buckets import Buckets
from recmagic.data.column import Column
from recmagic.data.dataset import Dataset
from recmagic.errors import RecmagicError, SpecError
from recmagic.spec import Call, Group, Literal, Name, Node, Spec, problem, walk
from recmagic.spec import Column as ColumnNode

MADE = re.compile(r"(buckets|words|tokens)\(.*\)$")  # the names of columns that a cell makes


class Builder:
    """Builds the values of one cell over one data set; a named layer is one layer however often it is used.

    `window` is set while the value inside `history(...)` or `profile(...)` is built: item columns are then read for
    every step of the window, with the same layers. `masked`: histories are what `masked_item` hides steps of.
    """

    def __init__(self, spec: Spec, data: Dataset, objects: Objects,
                 target_sources: frozenset[str], made_columns: dict[str, Column], flat_steps: bool = False,
                 masked: bool = False) -> None:
        self.spec, self.data, self.objects = spec, data, objects
        self.target_sources = target_sources  # what `fields` must not read: it would give the answer away
        self.made_columns = dict(made_columns)  # `words(title)` and the like: an updated model keeps their codes
        self.graphs, self.masked = Graphs(flat_steps), masked
        self.window: Window | None = None
        self.layers: dict[str, list[keras.layers.Layer]] = {}  # by statement, in the order they were made
        self.shown: dict[str, Value] = {}  # the values of statements, for the card
        self.global_biases: list[keras.layers.Layer] = []  # they start at the training mean under regression
        self.step_calls: list[tuple[Call, keras.layers.Layer, Any]] = []  # layers from steps to steps, with their input
        self.linear: set[int] = set()  # layer calls built without their activation: the sigmoid of the score
        self._home = {id(node): each.name for each in spec.statements for node in walk(each.value)}
        self._parts: dict[tuple[int, str], Call] = {}
        self._made: dict[tuple[int, str], keras.layers.Layer] = {}
        self._values: dict[tuple[int, Window | None], Any] = {}

    def value(self, node: Node) -> Value:
        """Return the value of a node, which must be a single one."""
        found = self.values(node)
        if isinstance(found, Value):
            return found
        if isinstance(found, Column):
            raise self.error(node, f"The column '{found.name}' is not a value yet.", as_value(found))
        raise self.error(node, "Several values stand here, where one is needed.", "concat(…) puts them side by side.")

    def values(self, node: Node) -> Any:
        """Return what a node stands for: a Value, a list of Values, or a made Column (`buckets`, `words`, `tokens`)."""
        key = (id(node), self.window)
        if key not in self._values:
            self._values[key] = self._evaluate(node)
        return self._values[key]

    def _evaluate(self, node: Node) -> Any:
        if isinstance(node, Name):
            return self._named(node.name)
        if isinstance(node, Group):
            return [self.value(each) for each in node.items]
        if isinstance(node, Call):
            return self._called(node)
        if isinstance(node, ColumnNode):
            return self.column(node)
        raise self.error(node, "A number is not a value here.", "Values come from columns: embedding(user_id, 32).")

    def _called(self, call: Call) -> Any:
        try:
            made = OPERATORS[call.name](self, call) if call.name in OPERATORS else self._word(call)
            if isinstance(made, Value):
                check_row(numbers_of(made.tensor), "What stands here" if call.name in OPERATORS else call.name)
        except (TooLarge, BadStart) as error:
            raise self.error(call, error.message, error.hint) from error
        return made

    def _named(self, name: str) -> Any:
        statement = self.spec.statement(name)
        assert statement is not None  # the reader has refused unknown names
        found = self.values(statement.value)
        if isinstance(found, Value) and (self.window is None or name not in self.shown):
            self.shown[name] = found
        return found

    def _word(self, call: Call) -> Any:
        function = self.objects["value", call.name]
        parameters = list(inspect.signature(function).parameters.values())[1:]
        bound = [(parameters[min(place, len(parameters) - 1)], node) for place, node in enumerate(call.arguments)]
        arguments = [self._argument(parameter, node) for parameter, node in bound]
        by_name = {parameter.name: parameter for parameter in parameters}
        options = {name: self._argument(by_name[name], node) for name, node in call.options}
        return function(Here(self, call), *arguments, **options)

    def _argument(self, parameter: inspect.Parameter, node: Node) -> Any:
        """Return a node as it is where the word asks for one, else the setting it stands for."""
        if "Node" in str(parameter.annotation):
            return node
        value = setting(node, self.spec, self.objects)
        needed = lacking(parameter, value)
        if needed:
            raise self.error(node, f"This should be {needed}.")
        return value

    def column(self, node: Node) -> Column:
        """Return the column that a node names or makes."""
        if isinstance(node, ColumnNode):
            return self.data.column(node.name)
        found = self.values(node) if isinstance(node, (Name, Call)) else None
        if isinstance(found, Column):
            return found
        text = node.value if isinstance(node, Literal) and isinstance(node.value, str) else None
        raise self.error(node, "A column belongs here, not a value.",
                         f'Write column("{text}").' if text else "Name a column of the data.")

    @contextmanager
    def through(self, window: Window) -> Iterator[None]:
        """Build the values made here for every step of a window."""
        self.window = window
        try:
            yield
        finally:
            self.window = None

    def layer(self, call: Call) -> keras.layers.Layer:
        """Return the layer that a call stands for, made once."""
        layer = self.own_layer(call, call.name, lambda name: instance(
            call, ("layer",), self.spec, self.objects, name=name))
        if id(call) in self.linear:
            layer.activation = keras.activations.linear
        return layer

    def own_layer(self, call: Call, kind: str, make: Callable[[str], keras.layers.Layer]) -> keras.layers.Layer:
        """Return a layer made once for a call, named after its statement: `score-dense`, then `score-dense_1`."""
        key = (id(call), kind)
        if key not in self._made:
            home = self._home[id(call)]
            siblings, name = self.layers.setdefault(home, []), f"{home}-{snake(kind)}"
            count = sum(re.fullmatch(re.escape(name) + r"(_\d+)?", each.name) is not None for each in siblings)
            self._made[key] = make(f"{name}_{count}" if count else name)
            siblings.append(self._made[key])
        return self._made[key]

    def made(self, call: Call, kind: str) -> keras.layers.Layer:
        """Return a layer that was made for a call."""
        return self._made[id(call), kind]

    def part_of(self, call: Call, name: str) -> Call:
        """Return a stand-in for one part of a call that needs layers of its own for each part, as `fields` does."""
        part = self._parts.setdefault((id(call), name), Call(call.name, place=call.place))
        self._home[id(part)] = self._home[id(call)]
        return part

    def error(self, node: Node, message: str, hint: str = "") -> SpecError:
        """Return the error to raise, with a caret under the node."""
        return SpecError([problem(self.spec, node, message, hint)])


class Here:
    """What a word sees: the builder, and the call that is being made."""

    def __init__(self, build: Builder, call: Call) -> None:
        self.build, self.call = build, call

    def error(self, message: str, hint: str = "", node: Node | None = None) -> SpecError:
        """Return the error to raise, with a caret under a node or under the whole call."""
        return self.build.error(node if node is not None else self.call, message, hint)

    def layer(self, kind: str, make: Callable[[str], keras.layers.Layer]) -> keras.layers.Layer:
        """Return the word's own layer of that kind, made once for this call."""
        return self.build.own_layer(self.call, kind, make)

    def made_column(self, name: str, read: Column, make: Callable[[Any], Column], node: Node) -> Column:
        """Return a column made from another and its training rows, under its own name.

        One that a former program made keeps its codes. What does not fit is shown under the node.
        """
        build = self.build
        former = build.made_columns.get(name)
        try:
            if former is not None:
                # Not from a number's own units: rounded on the way, one that lies on an edge would change its bucket.
                values = (former.encoder.codes(read.values, read.missing)[0] if isinstance(former.encoder, Buckets)
                          else former.encode(read.values))
                build.made_columns[name] = replace(former, values=values, missing=read.missing)
            else:
                build.made_columns[name] = replace(make(build.data.training_rows(read.side)), name=name)
        except RecmagicError as error:
            raise self.error(error.message, error.hint, node) from None
        return build.made_columns[name]

    def rows_of(self, column: Column, node: Node) -> tuple[Any, str]:
        """Return the tensor of a column's encoded rows and its graph; a user's column has no steps in a window."""
        if self.build.window is not None and column.side == "user":
            message = f"'{column.name}' belongs to the user and is the same at every step."
            raise self.error(message, "history(…) takes values of the item or of the interaction.", node)
        return self.build.graphs.rows_of(column, self.build.window)


def as_value(column: Column) -> str:
    """Return the hint that says how a column becomes a value."""
    name = column.name if MADE.match(column.name) else name_in_cell(column.name)
    year = name_in_cell(f"{column.name}_year")
    return {
        "number": f"Write number({name}), or embedding(buckets({name}, 10), 8).",
        "date": f"Write number({name}), or embedding({year}, 8).",
        "text": f"Write embedding(words({name}), 32).",
    }.get(column.kind, f"Write embedding({name}, 32).")


def name_in_cell(name: str) -> str:
    """Return how a cell names a column: bare where Python could, else in quotes."""
    plain = name.isidentifier() and not keyword.iskeyword(name)
    return name if plain else f"column({json.dumps(name, ensure_ascii=False)})"


def snake(name: str) -> str:
    """Return a class name as Keras writes it in layer names: MultiHeadAttention -> multi_head_attention."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z0-9])(?=[A-Z][a-z])", "_", name).lower()
