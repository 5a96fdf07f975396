"""A notebook variable as a pandas frame: pandas itself, or anything with the Arrow capsule (polars, Arrow, DuckDB)."""

from __future__ import annotations

from typing import Any

import duckdb
import pandas as pd

from recmagic.data.readers.plain_cells import plain_cells
from recmagic.errors import DataError


def is_table(source: Any) -> bool:
    """Return whether this is a table: a pandas frame, or an object that offers its columns as an Arrow stream."""
    return isinstance(source, pd.DataFrame) or hasattr(source, "__arrow_c_stream__")


def as_frame(source: Any, query: str | None = None) -> pd.DataFrame:
    """Return the table, or what a query over it as `source` gives, as a pandas frame of plain cells.

    Raises DataError at a cell that no column can hold, a type that cannot be read, and a query that cannot be run.
    """
    given = plain_cells(source) if isinstance(source, pd.DataFrame) else None
    if given is not None and query is None:
        return given
    # An Arrow table comes as its bare capsule, so that nothing asks for pyarrow.
    table = source.__arrow_c_stream__() if given is None else given
    with duckdb.connect() as connection:
        try:
            connection.register("source", table)
            frame = connection.execute(query or "SELECT * FROM source").df()
        except duckdb.Error as error:
            if query is None:
                hint = "Cast its columns to numbers, texts, lists or times, or drop what you do not need."
                raise DataError(f"The table cannot be read: {error}", hint) from None
            raise DataError(f"The query cannot be run: {error}", "In the query the table is called `source`.") from None
    return plain_cells(frame)
