"""A notebook variable as a pandas frame: pandas itself, or anything with the Arrow capsule (polars, Arrow, DuckDB)."""

from __future__ import annotations

from typing import Any

import duckdb
import pandas as pd

from recmagic.errors import DataError


def is_table(source: Any) -> bool:
    """Return whether this is a table: a pandas frame, or an object that offers its columns as an Arrow stream."""
    return isinstance(source, pd.DataFrame) or hasattr(source, "__arrow_c_stream__")


def as_frame(source: Any, query: str | None = None) -> pd.DataFrame:
    """Return the table, or what a query over it as `source` gives, as a pandas frame with names that are texts.

    Raises DataError at a query that cannot be run.
    """
    if isinstance(source, pd.DataFrame) and query is None:
        return source.rename(columns=str)
    # An Arrow table comes as its bare capsule, so that nothing asks for pyarrow.
    table = source if isinstance(source, pd.DataFrame) else source.__arrow_c_stream__()
    with duckdb.connect() as connection:
        connection.register("source", table)
        try:
            frame: pd.DataFrame = connection.execute(query or "SELECT * FROM source").df()
        except duckdb.Error as error:
            raise DataError(f"The query cannot be run: {error}", "In the query the table is called `source`.") from None
    return frame
