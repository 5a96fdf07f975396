"""`embedding(column, width)`: a trained vector for each id, category, or token."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from recmagic.compiler.builder import Here, as_value
from recmagic.compiler.drop_ids import DropIds
from recmagic.compiler.unknown_row import UnknownRow
from recmagic.compiler.value import Value, zero_padding
from recmagic.data.column import Column
from recmagic.spec import Node


def embedding(here: Here, column: Node, width: int, l2: float = 0.0, initializer: Any = "uniform",
              unknown: float = 0.0) -> Value:
    """Look up a trained vector for an id or category, the mean over a multi-valued column, or a sequence of tokens.

    `l2` penalises the squares of the rows that a batch looks up, per example. `unknown` is the rate at which ids are
    dropped in training so that row 0 learns to stand for unknown ones.
    """
    read = here.build.column(column)
    if not read.vocabulary:
        raise here.error(f"'{read.name}' has no list of values to look up.", as_value(read), column)
    codes, graph = here.rows_of(read, column)
    if unknown:
        codes = here.layer("drop_ids", lambda name: DropIds(unknown, name=name))(codes)
    return look_up(here, read, codes, graph, width, l2, initializer)


def look_up(here: Here, column: Column, codes: Any, graph: str, width: int, l2: float = 0.0,
            initializer: Any = "uniform") -> Value:
    """Return the vectors of a column's codes, pooled over the values of a multi-valued column."""
    if width < 1:
        raise here.error("The width of an embedding is a whole number from 1 up.", "Write embedding(column, 32).")
    table = here.layer("embedding", lambda name: keras.layers.Embedding(
        column.size, width, embeddings_initializer=UnknownRow(initializer), name=name))
    vectors = table(codes)
    if l2:
        penalise(here, vectors, codes, graph, l2)
    return _pooled(Value(vectors, graph, frozenset({column.side})), codes, column)


def _pooled(value: Value, codes: Any, column: Column) -> Value:
    """Return the mean over the values of a multi-valued column, or the tokens as a sequence with their mask."""
    if len(codes.shape) == 1:
        return value
    real = ops.not_equal(codes, 0)
    if column.kind != "multi":
        return Value(zero_padding(value.tensor, real), value.graph, value.sides, real)
    total = ops.sum(zero_padding(value.tensor, real), axis=1)
    count = ops.maximum(ops.sum(ops.cast(real, total.dtype), axis=1, keepdims=True), 1)
    return Value(ops.divide(total, count), value.graph, value.sides)


def penalise(here: Here, vectors: Any, codes: Any, graph: str, l2: float) -> None:
    """Add l2 times the squared length of the rows looked up to the penalties of a graph, one number a row (B, 1)."""
    vectors = ops.cast(vectors, "float32")  # small squares are lost in 16 bits
    real = ops.cast(ops.not_equal(codes, 0), "float32")
    squares = ops.multiply(ops.sum(ops.square(vectors), axis=-1), real)
    window = here.build.window
    inner = 1 if window is None else window.length  # rows of a window belong to the example they are folded into
    for size in codes.shape[1:]:
        inner *= size
    per_row = ops.sum(ops.reshape(squares, (-1, inner)), axis=1, keepdims=True)
    here.build.graphs.penalties[graph].append(ops.multiply(per_row, ops.full_like(per_row, l2)))
