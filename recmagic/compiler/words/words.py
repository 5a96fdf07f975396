"""`words(column)`: a text as the set of its words."""

from __future__ import annotations

from recmagic.compiler.builder import Here
from recmagic.data import text
from recmagic.data.column import Column
from recmagic.spec import Node


def words(here: Here, column: Node) -> Column:
    """Read a text column as a multi-valued column of its lower-cased words, known from the training part."""
    read = here.build.column(column)
    return here.made_column(f"words({read.name})", read, lambda rows: text.words(read, rows), column)
