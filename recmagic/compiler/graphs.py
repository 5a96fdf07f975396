"""The three graphs that a score is cut into: their inputs, what crosses from the towers to the head, the penalties."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from keras import ops

from recmagic.compiler.feeds import CATALOGUE, Feed, Window
from recmagic.compiler.value import HEAD, ITEM, QUERY, Value, input_tensor
from recmagic.data.column import Column

PREFIX = {"user": "user/", "item": "item/", "interaction": "log/"}


@dataclass
class Graphs:
    """The inputs of query tower, item tower and head, as they are asked for.

    With `flat_steps`, sequences that meet the other side are flattened: every step is a query of its own.
    """

    flat_steps: bool = False
    columns: dict[str, Column] = field(default_factory=dict)  # what feeds read: `user/age` -> its column
    feeds: dict[str, list[Feed]] = field(default_factory=lambda: {QUERY: [], ITEM: []})
    inputs: dict[str, dict[str, Any]] = field(default_factory=lambda: {QUERY: {}, ITEM: {}, HEAD: {}})
    crossings: dict[str, list[Any]] = field(default_factory=lambda: {QUERY: [], ITEM: []})
    penalties: dict[str, list[Any]] = field(default_factory=lambda: {QUERY: [], ITEM: []})
    step_mask: Any = None  # the mask of the steps that were flattened
    _tensors: dict[tuple[str, str, Window | None], Any] = field(default_factory=dict)
    _crossed: dict[int, Value] = field(default_factory=dict)

    def rows_of(self, column: Column, window: Window | None) -> tuple[Any, str]:
        """Return a column's encoded rows as a tensor, and the graph it lives in.

        Inside a window the rows are (batch * length): layers see each step as a row, and `history` folds them back.
        """
        table = PREFIX[column.side] + column.name
        self.columns[table] = column
        shape, dtype = column.values.shape[1:], column.values.dtype.name
        if window is None or window == CATALOGUE:
            graph = ITEM if column.side == "item" and window is None else QUERY
            return self.feed(graph, table, window, shape, dtype), graph
        steps = self.feed(QUERY, table, window, (window.length, *shape), dtype)
        return ops.reshape(steps, (-1, *shape)), QUERY

    def feed(self, graph: str, table: str, window: Window | None, shape: tuple[int, ...], dtype: str) -> Any:
        """Return the input that reads a table (through a window), made once for each graph."""
        key = (graph, table, window)
        if key not in self._tensors:
            name = f"{graph}_{len(self.feeds[graph])}"
            self._tensors[key] = self.inputs[graph][name] = input_tensor(name, shape, dtype)
            self.feeds[graph].append(Feed(name, table, window))
        return self._tensors[key]

    def together(self, values: list[Value], along: bool = True) -> list[Value]:
        """Return values in one graph, and with `along` all of them with steps if one of them has steps."""
        if len({value.graph for value in values}) > 1:
            values = [self.cross(value) for value in values]
        steps = next((value for value in values if value.sequence), None)
        if steps is None or not along:
            return values
        return [value if value.sequence else value.along(steps) for value in values]

    def cross(self, value: Value) -> Value:
        """Return a one-sided value as an input of the head, where the sides meet."""
        if value.graph == HEAD:
            return value
        if id(value.tensor) not in self._crossed:
            flat = self.flat_steps and value.mask is not None and value.graph == QUERY
            self.step_mask = value.mask if flat else self.step_mask
            tensor = self._head_input(value.graph, value.tensor, flat)
            mask = None if flat or value.mask is None else self._head_input(value.graph, value.mask, False)
            self._crossed[id(value.tensor)] = Value(tensor, HEAD, value.sides, mask)
        return self._crossed[id(value.tensor)]

    def _head_input(self, graph: str, tensor: Any, flat: bool) -> Any:
        name = f"{graph}_{len(self.crossings[graph])}"
        self.crossings[graph].append(tensor)
        shape = tuple(tensor.shape[2:] if flat else tensor.shape[1:])
        self.inputs[HEAD][name] = input_tensor(name, shape, tensor.dtype)
        return self.inputs[HEAD][name]
