"""`buckets(column, count)`: a number as a category of quantile bins."""

from __future__ import annotations

from recmagic.compiler.builder import Here
from recmagic.data import buckets as data_buckets
from recmagic.data.column import Column
from recmagic.spec import Node


def buckets(here: Here, column: Node, count: int) -> Column:
    """Cut a numeric or date column into bins with equally many training values; missing values are their own bin."""
    read = here.build.column(column)
    name = f"buckets({read.name}, {count})"
    return here.made_column(name, read, lambda rows: data_buckets.buckets(read, count, rows), column)
