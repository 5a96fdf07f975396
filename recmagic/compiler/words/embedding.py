"""`embedding(column, width)`: a trained vector for each id, category, or token."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from recmagic.compiler.builder import Here, as_value
from recmagic.compiler.drop_ids import DropIds
from recmagic.compiler.product_table import ProductTable, gets_smaller
from recmagic.compiler.unknown_row import UnknownRow
from recmagic.compiler.value import Value, zero_padding
from recmagic.data.column import Column
from recmagic.spec import Node


def embedding(here: Here, column: Node, width: int, l2: float = 0.0, initializer: Any = "uniform",
              unknown: float = 0.0, rank: int | None = None, hashed: int | None = None,
              pq: int | None = None) -> Value:
    """Look up a trained vector for an id or category, the mean over a multi-valued column, or a sequence of tokens.

    `l2` penalises the squares of the rows that a batch looks up, per example. `unknown` is the rate at which ids are
    dropped in training so that row 0 learns to stand for unknown ones.

    `rank`: the table is so wide only, and a matrix that all rows share makes `width` numbers of each row. `hashed`: two
    small tables, of so many rows and of the rest of their quotient, whose rows are multiplied (Shi et al. 2020,
    Compositional embeddings using complementary partitions): every value keeps a vector of its own. `pq`: vectors of so
    many parts, each one of 256 that all rows share, where that is smaller (product quantisation, Jégou et al. 2011);
    which one is what `%reccompress --pq` finds, and at random where the cell is trained anew.
    """
    read = here.build.column(column)
    if not read.vocabulary:
        raise here.error(f"'{read.name}' has no list of values to look up.", as_value(read), column)
    if not 0 <= unknown <= 1:
        raise here.error("'unknown' is a rate from 0 to 1.", "Write unknown=0.1, or leave it out.")
    codes, graph = here.rows_of(read, column)
    if unknown:
        codes = here.layer("drop_ids", lambda name: DropIds(unknown, name=name))(codes)
    return look_up(here, read, codes, graph, width, l2, initializer, rank, hashed, pq)


def look_up(here: Here, column: Column, codes: Any, graph: str, width: int, l2: float = 0.0,
            initializer: Any = "uniform", rank: int | None = None, hashed: int | None = None,
            pq: int | None = None) -> Value:
    """Return the vectors of a column's codes, pooled over the values of a multi-valued column."""
    if width < 1:
        raise here.error("The width of an embedding is a whole number from 1 up.", "Write embedding(column, 32).")
    for name, value in {"rank": rank, "hashed": hashed, "pq": pq}.items():
        if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 1):
            raise here.error(f"'{name}' is a whole number from 1 up.", f"Write {name}=8, or leave it out.")
    if pq and (hashed or (rank or width) % pq):
        raise here.error(f"A vector of {rank or width} numbers cannot be cut into {pq} parts." if not hashed else
                         "A table is hashed or in parts, not both.", "Write pq=8 for a width of 32 or 64.")
    vectors = _rows(here, codes, column.size, rank or width, initializer, hashed, pq)
    if rank:
        vectors = here.layer("factor", lambda name: keras.layers.Dense(width, use_bias=False, name=name))(vectors)
    if l2:
        penalise(here, vectors, codes, graph, l2)
    return _pooled(Value(vectors, graph, frozenset({column.side})), codes, column)


def _rows(here: Here, codes: Any, size: int, width: int, initializer: Any, hashed: int | None,
          pq: int | None) -> Any:
    """Look rows up in a table of so many, in one of parts, or in two that share the work: by remainder and quotient."""
    def table(kind: str, rows: int, start: Any) -> keras.layers.Layer:
        return here.layer(kind, lambda name: keras.layers.Embedding(
            rows, width, embeddings_initializer=UnknownRow(start), name=name))

    if pq and gets_smaller(size, width, pq):
        return here.layer("embedding", lambda name: ProductTable(size, width, pq, initializer, name=name))(codes)
    if hashed is None or hashed >= size - 1:
        return table("embedding", size, initializer)(codes)
    known = ops.cast(ops.not_equal(codes, 0), codes.dtype)  # code 0 has row 0 of both, which is zero, for itself
    before = ops.maximum(codes - 1, 0)
    remainder = table("embedding", hashed + 1, initializer)((before % hashed + 1) * known)
    quotient = table("quotient", (size - 2) // hashed + 2, "ones")((before // hashed + 1) * known)
    return ops.multiply(remainder, quotient)


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
