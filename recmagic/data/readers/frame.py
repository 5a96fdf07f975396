"""A notebook variable as a pandas frame: pandas itself, or anything with the Arrow capsule (polars, Arrow, DuckDB)."""

from __future__ import annotations

from typing import Any

import pandas as pd


def is_table(source: Any) -> bool:
    """Return whether this is a table: a pandas frame, or an object that offers its columns as an Arrow stream."""
    return isinstance(source, pd.DataFrame) or hasattr(source, "__arrow_c_stream__")


def as_frame(source: Any) -> pd.DataFrame:
    """Return the table as a pandas frame with names that are texts."""
    if isinstance(source, pd.DataFrame):
        return source.rename(columns=str)
    import duckdb

    stream = source.__arrow_c_stream__()  # the bare capsule, so that nothing asks for pyarrow
    with duckdb.connect() as connection:
        connection.register("source", stream)
        return connection.execute("SELECT * FROM source").df()
