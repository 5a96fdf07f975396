"""The inputs of a Keras model by their names: which column each one reads, of the row or of the user's last items."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
from keras import ops

from recmagic.compiler.feeds import Window
from recmagic.compiler.graphs import PREFIX, Graphs
from recmagic.compiler.value import ITEM, QUERY, Value
from recmagic.data.column import Column
from recmagic.data.dataset import Dataset
from recmagic.errors import ModelError, did_you_mean

HISTORY = "history"  # an input of that name reads the items of the user's last interactions; history_genres, that


def inputs_of(model: Any) -> dict[str, Any]:
    """Return the inputs of a Keras model by name; ModelError where they have no names."""
    if not isinstance(model, keras.Model):
        hint = "A cell's text is read by Model.read(text, data)." if isinstance(model, str) else ""
        raise ModelError(f"A Keras model belongs here, not {type(model).__name__}.", hint)
    if not getattr(model, "inputs", None):
        raise ModelError(f"The inputs of {type(model).__name__} have no names, so nothing says which columns they are.",
                         'Wrap it: inputs = {"user_id": keras.Input((), dtype="int32", name="user_id"), ...}, then '
                         "keras.Model(inputs, model(inputs)).")
    inputs = structure_of(model)
    if isinstance(inputs, Mapping):
        return dict(inputs)
    return {each.name: each for each in (inputs if isinstance(inputs, (list, tuple)) else [inputs])}


def structure_of(model: Any) -> Any:
    """Return the inputs of a Keras model as it is called with them: one, a list or a dict."""
    return model.inputs[0] if isinstance(model, keras.Sequential) else model.input


def called(model: Any, values: Mapping[str, Any]) -> Any:
    """Call a Keras model with its inputs given by name."""
    inputs = structure_of(model)
    if isinstance(inputs, Mapping):
        return model(dict(values))
    return model([values[each.name] for each in inputs] if isinstance(inputs, (list, tuple)) else values[inputs.name])


def value_of(graphs: Graphs, data: Dataset, name: str, given: Any) -> Value:
    """Return what an input reads, in the graph of its side; ModelError where the name or the shape does not fit."""
    column, window = _reads(data, name, given)
    if column.kind == "text":
        raise ModelError(f"The input '{name}' would be a text, and a Keras model takes numbers.",
                         "Let the table hold a category or numbers made from it.")
    row = column.values.shape[1:]
    shape = row if window is None else (window.length, *row)
    _check(name, given, shape, column)
    table, dtype = PREFIX[column.side] + column.name, column.values.dtype.name
    graphs.columns[table] = column
    graph = ITEM if column.side == "item" and window is None else QUERY
    tensor = graphs.feed(graph, table, window, shape, dtype)
    if window is not None and column.side == "interaction":  # a padded step reads any row of the log
        real = graphs.feed(QUERY, "", window, (window.length,), "bool")
        real = ops.reshape(real, (-1, window.length, *(1 for _ in row)))
        tensor = ops.where(real, tensor, ops.zeros_like(tensor))
    return Value(tensor, graph, frozenset({column.side if window is None else "user"}))


def _reads(data: Dataset, name: str, given: Any) -> tuple[Column, Window | None]:
    """Return the column that an input is named after, and the window it is read through."""
    if name in data.columns:
        return data.columns[name], None
    items = {key: column for key, column in data.columns.items() if column.side != "user"}
    past = {HISTORY: items["item_id"]} | {f"{HISTORY}_{key}": column for key, column in items.items()}
    if name not in past:
        hint = did_you_mean(name, [*data.columns, *past])
        raise ModelError(f"The input '{name}' is not named after a column of '{data.name}'.",
                         hint or f"An input is one of {', '.join(data.columns)}; or {HISTORY} or {HISTORY}_<column>, "
                         "of shape (length,), for the user's last items.")
    length = given.shape[1] if len(given.shape) > 1 else None
    if length is None:
        raise ModelError(f"The input '{name}' does not say how many interactions it takes.",
                         f'Write keras.Input((50,), dtype="int32", name="{name}").')
    return past[name], Window("history", int(length))


def _check(name: str, given: Any, shape: tuple[int, ...], column: Column) -> None:
    """Refuse an input whose shape or type would not hold what the column gives."""
    wanted = tuple(given.shape[1:])
    fits = len(wanted) == len(shape) and all(size in (None, own) for size, own in zip(wanted, shape))
    if not fits and not (wanted == (1,) and shape == ()):
        raise ModelError(f"The input '{name}' has the shape {wanted}, and the data gives {shape} a row.",
                         f'Write keras.Input({shape}, dtype="{column.values.dtype}", name="{name}").')
    if np.issubdtype(column.values.dtype, np.floating) and "float" not in str(given.dtype):
        raise ModelError(f"The input '{name}' takes {given.dtype}, and '{column.name}' is a number with a fraction.",
                         f'Write keras.Input({shape}, dtype="float32", name="{name}").')
