"""Text files of an archive with a known layout: a delimiter, named columns, and nothing to guess."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pandas as pd

from recmagic.errors import DataError


def read_delimited(path: Path, columns: dict[str, str], delimiter: str, encoding: str = "utf-8") -> pd.DataFrame:
    """Return the file's rows, in order; `columns` is name -> SQL type ("VARCHAR", "BIGINT", ...) in the file's order.

    Raises DataError at a file that is not laid out so.
    """
    layout = ", ".join(f"{quoted(name)}: {quoted(kind)}" for name, kind in columns.items())
    reading = f"SELECT * FROM read_csv(?, delim=?, encoding=?, columns={{{layout}}}, header=false, quote='')"
    with duckdb.connect() as connection:
        try:
            frame: pd.DataFrame = connection.execute(reading, [str(path), delimiter, encoding]).df()
        except duckdb.Error as error:
            fact = str(error).splitlines()[0]
            raise DataError(f"{path.name} is not laid out as expected: {fact}", f"The file is {path}.") from None
    return frame


def quoted(text: str) -> str:
    """Return a text as a SQL literal."""
    return "'" + text.replace("'", "''") + "'"
