"""How the inputs of the towers are gathered from tables on the device: by user, by item, by interaction, by window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from keras import ops

Arrays = dict[str, Any]
GRAPH = "graph/"  # what the tables of the graph of who has what are called


@dataclass(frozen=True)
class Window:
    """A user's interactions before the predicted one: the last `length` (history), or all the others (profile).

    A "masked" window is a history that ends with the query's own interaction, or with what comes next, which is hidden
    and not read. The "catalogue" window reads a table as a whole: a value of every item that is computed once and then
    looked up, or the graph of who has what.
    """

    kind: str  # "history", "masked", "profile" or "catalogue"
    length: int


CATALOGUE = Window("catalogue", 0)


@dataclass(frozen=True)
class Feed:
    """One input of a tower: the table it reads (`user/age`, `item/genres`, `log/device`, ...) and through which window.

    `table` is empty for the mask of a window, "hidden" for which of its steps are hidden, and "zero" for the input of a
    constant.
    """

    name: str
    table: str
    window: Window | None = None

    @property
    def of_graph(self) -> bool:
        """Whether it reads the graph of who has what, which is no column."""
        return self.table.startswith(GRAPH)


@dataclass(frozen=True)
class Rows:
    """The queries of a batch: user rows (B,), and for each the number in the log (B,) of the interaction predicted.

    A query for what comes next has the number one past the user's last. `context` replaces the log's columns of the
    interaction itself, where that interaction is not in the log. `hidden` (B, L) tells which steps of a masked window
    are hidden; by default the last one.

    In training a history may be read otherwise (see `augment.Steps`): `order` (B, L or more) are the steps that stand
    at its places, -1 for none; `blank` (B, L) those whose item is not told; `swaps` (B, L) the items that stand in.
    """

    users: Any
    ends: Any
    context: Arrays | None = None
    hidden: Any = None
    order: Any = None
    blank: Any = None
    swaps: Any = None


def query_inputs(feeds: tuple[Feed, ...], data: Arrays, rows: Rows) -> Arrays:
    """Return the inputs of the query tower for a batch, by name."""
    windows = {feed.window for feed in feeds if feed.window and feed.window != CATALOGUE}
    positions = {window: window_positions(window, data, rows) for window in windows}
    return {feed.name: _query_input(feed, data, rows, positions) for feed in feeds}


def item_inputs(feeds: tuple[Feed, ...], data: Arrays, items: Any) -> Arrays:
    """Return the inputs of the item tower for a vector of item rows, by name."""
    return {feed.name: _item_input(feed, data, items) for feed in feeds}


def window_positions(window: Window, data: Arrays, rows: Rows) -> tuple[Any, Any]:
    """Return the numbers in the log (B, length) of a window's interactions, and which of them are real (B, length).

    Both windows are padded on the left, so that the newest step is the last one.
    """
    start = ops.expand_dims(_take(data["log/start"], rows.users), 1)
    ends = ops.expand_dims(rows.ends, 1)
    steps = ops.expand_dims(ops.arange(window.length, dtype="int32"), 0)
    order = rows.order[:, : window.length] if window.kind == "history" and rows.order is not None else None
    if window.kind in ("history", "masked"):
        placed = steps if order is None else order
        positions = ends - window.length + placed + (window.kind == "masked")
    else:
        stop = ops.expand_dims(_take(data["log/stop"], rows.users), 1)
        positions = stop - window.length + steps
        closes_up = ops.logical_and(ops.less_equal(positions, ends), ops.less(ends, stop))
        positions = positions - ops.cast(closes_up, positions.dtype)  # over the place of the predicted one
    real = ops.greater_equal(positions, start)
    if order is not None:
        real = ops.logical_and(real, ops.greater_equal(order, 0))
    return ops.where(_read(window, rows, real), positions, ops.zeros_like(positions)), real


def _read(window: Window, rows: Rows, real: Any) -> Any:
    """Return which of the real steps (B, length) are read: those that are not hidden."""
    if window.kind == "history" and rows.blank is not None:
        return ops.logical_and(real, ops.equal(rows.blank, 0))
    return real if window.kind != "masked" else ops.logical_and(real, ops.logical_not(_hidden(window, rows)))


def _hidden(window: Window, rows: Rows) -> Any:
    """Return which steps (B, length) of a masked window are hidden."""
    if rows.hidden is not None:
        return ops.cast(rows.hidden, "bool")
    last = ops.equal(ops.arange(window.length, dtype="int32"), window.length - 1)
    return ops.logical_or(ops.expand_dims(last, 0), ops.cast(ops.zeros_like(ops.expand_dims(rows.ends, 1)), "bool"))


def _query_input(feed: Feed, data: Arrays, rows: Rows, positions: dict[Window, tuple[Any, Any]]) -> Any:
    if feed.window is None:
        return _row_input(feed, data, rows)
    if feed.window == CATALOGUE:
        return data[feed.table]
    numbers, real = positions[feed.window]
    if not feed.table:
        return real
    if feed.table == "hidden":
        return _hidden(feed.window, rows)
    if feed.table.startswith("log/") and feed.table != "log/item":
        return _take(data[feed.table], numbers)
    # A padded or hidden step reads row 0, the unknown item, whose id vector is zero and never learns.
    items = ops.where(_read(feed.window, rows, real), _take(data["log/item"], numbers), ops.zeros_like(numbers))
    if feed.window.kind == "history" and rows.swaps is not None:
        items = ops.where(ops.greater(rows.swaps, 0), rows.swaps, items)
    return items if feed.table == "log/item" else _take(data[feed.table], items)


def _item_input(feed: Feed, data: Arrays, items: Any) -> Any:
    if feed.table == "zero":
        return _zeros(items)
    return data[feed.table] if feed.window == CATALOGUE else _take(data[feed.table], items)


def _row_input(feed: Feed, data: Arrays, rows: Rows) -> Any:
    if feed.table == "zero":
        return _zeros(rows.users)
    if feed.table.startswith("user/"):
        return _take(data[feed.table], rows.users)
    if rows.context is not None:
        return rows.context[feed.table]
    return _take(data[feed.table], rows.ends)


def _zeros(rows: Any) -> Any:
    return ops.zeros_like(rows)


def _take(table: Any, rows: Any) -> Any:
    return ops.take(table, rows, axis=0)
