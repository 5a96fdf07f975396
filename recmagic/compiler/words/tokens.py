"""`tokens(column, length)`: a text as the sequence of its first words."""

from __future__ import annotations

from recmagic.compiler.builder import Here
from recmagic.compiler.sizes import check_table
from recmagic.data import text
from recmagic.data.column import Column
from recmagic.spec import Node


def tokens(here: Here, column: Node, length: int) -> Column:
    """Read a text column as a sequence of its first `length` lower-cased words, padded on the left."""
    read = here.build.column(column)
    check_table(len(read.values) * length, f"tokens({read.name}, {length:,})")
    name = f"tokens({read.name}, {length})"
    return here.made_column(name, read, lambda rows: text.tokens(read, length, rows), column)
