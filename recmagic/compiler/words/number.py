"""`number(column)`: a number or date as it is, standardised."""

from __future__ import annotations

from keras import ops

from recmagic.compiler.builder import Here, as_value
from recmagic.compiler.value import Value
from recmagic.spec import Node


def number(here: Here, column: Node) -> Value:
    """Read a numeric or date column as a vector of width 1: (value - mean) / deviation of the training part.

    A missing number is the training mean.
    """
    read = here.build.column(column)
    if read.kind not in ("number", "date"):
        raise here.error(f"'{read.name}' is not a number: it is {read.kind}.", as_value(read), column)
    rows, graph = here.rows_of(read, column)
    return Value(ops.expand_dims(rows, -1), graph, frozenset({read.side}))
