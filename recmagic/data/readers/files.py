"""CSV and Parquet files, by path or glob, read by DuckDB; a bad cell stays a text, so that it can be named later."""

from __future__ import annotations

import re
from collections.abc import Sequence
from glob import glob, has_magic
from pathlib import Path

import duckdb
import pandas as pd

from recmagic.data.readers.delimited import quoted
from recmagic.data.readers.texts import encoding, lines_above, uneven_row, unusual_delimiter
from recmagic.errors import DataError, did_you_mean

_PARQUET = (".parquet", ".pq")
_NOT_FINITE = ("nan", "inf", "infinity")
_INDEX = re.compile(r"__index_level_\d+__")


def find_files(pattern: str | Path) -> list[str]:
    """Return the files of a path or glob, sorted; DataError where there is none."""
    text = str(Path(pattern).expanduser())
    found = sorted(path for path in glob(text, recursive=True) if Path(path).is_file()) if has_magic(text) else [text]
    if not found:
        raise DataError(f"No file matches '{pattern}'.", f"The search started in {Path.cwd()}.")
    for path in found:
        if not Path(path).is_file():
            raise _not_there(Path(path))
    return found


def read_files(files: Sequence[str], query: str | None = None) -> pd.DataFrame:
    """Return the rows of the files in order, columns matched by name; a query reads them as the table `source`.

    Takes Parquet, and delimited texts with or without a header, in UTF-8 or Latin-1. Raises DataError at a row that has
    more or fewer fields than the others, and at what DuckDB cannot read.
    """
    with duckdb.connect() as connection:
        try:
            relation = _reading(connection, files)
            if query is None and len(relation.columns) == 1:
                _refuse_uneven(files)
            relation.create_view("source")
            try:
                frame: pd.DataFrame = connection.execute(query or "SELECT * FROM source").df()
            except duckdb.ConversionException:  # 'inf' is a day to DuckDB, and no frame can hold it
                _reading(connection, files, _days(relation)).create_view("source", replace=True)
                frame = connection.execute(query or "SELECT * FROM source").df()
        except duckdb.Error as error:
            if query is None:
                _refuse_uneven(files)
            raise DataError(f"{files[0]} cannot be read: {str(error).splitlines()[0]}", _hint(files, query)) from None
    # pandas writes a nameless index into Parquet files; it is no column of the user's.
    frame = frame.drop(columns=[name for name in frame.columns if _INDEX.fullmatch(str(name))])
    return frame if Path(files[0]).suffix.lower() in _PARQUET else frame.apply(_counted)


def query_files(query: str) -> pd.DataFrame:
    """Return what a SQL query over files gives (SELECT ... FROM 'events/*.parquet'); DataError at a wrong query."""
    with duckdb.connect() as connection:
        try:
            frame: pd.DataFrame = connection.execute(query).df()
        except duckdb.Error as error:
            hint = "DuckDB runs it; files stand in single quotes."
            raise DataError(f"The query cannot be run: {error}", hint) from None
    return frame


def _reading(connection: duckdb.DuckDBPyConnection, files: Sequence[str],
             as_texts: Sequence[str] = ()) -> duckdb.DuckDBPyRelation:
    """Return the rows of files, of a text file with those columns as texts."""
    paths = list(files)
    if Path(files[0]).suffix.lower() in _PARQUET:
        return connection.from_parquet(paths, union_by_name=True)
    # Left to itself, DuckDB skips rows that do not fit the others, and takes those that start with # for comments.
    options = {"sample_size": -1, "union_by_name": True, "encoding": encoding(files), "comment": "",
               "skip": lines_above(files[0])}
    if as_texts:
        options["types"] = dict.fromkeys(as_texts, "VARCHAR")
    relation = connection.sql(f"SELECT * FROM read_csv(?, {_options(options)})", params=[paths])
    if len(relation.columns) == 1 and (delimiter := unusual_delimiter(files[0])):
        options["delim"] = delimiter
        return connection.sql(f"SELECT * FROM read_csv(?, {_options(options)})", params=[paths])
    return relation


def _counted(column: pd.Series) -> pd.Series:
    """Return a column of numbers as such; one that begins with inf or nan comes as texts from DuckDB."""
    first = next(iter(column.dropna().head(1)), None)
    if not isinstance(first, str) or first.strip().lower().lstrip("+-") not in _NOT_FINITE:
        return column
    counted = pd.to_numeric(column, errors="coerce")
    return column if bool((counted.isna() & ~column.str.lower().isin(["nan"]) & column.notna()).any()) else counted


def _refuse_uneven(files: Sequence[str]) -> None:
    """Raise DataError at a row of a plain text that has more or fewer fields than its header."""
    for path in files:
        if Path(path).suffix.lower() not in (*_PARQUET, ".zst") and (error := uneven_row(path)) is not None:
            raise error


def _days(relation: duckdb.DuckDBPyRelation) -> list[str]:
    """Return the columns of dates and times."""
    return [name for name, kind in zip(relation.columns, relation.types) if str(kind).startswith(("DATE", "TIMESTAMP"))]


def _options(options: dict[str, object]) -> str:
    return ", ".join(f"{name}={_in_sql(value)}" for name, value in options.items())


def _in_sql(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{quoted(name)}: {quoted(kind)}" for name, kind in value.items()) + "}"
    return quoted(value) if isinstance(value, str) else repr(value)


def _hint(files: Sequence[str], query: str | None) -> str:
    if query:
        return "In the query the files are the table `source`."
    return f"Read it yourself, and give the table ({len(files)} file{'s' if len(files) > 1 else ''} tried)."


def _not_there(path: Path) -> DataError:
    if path.is_dir():
        return DataError(f"'{path}' is a folder.", f"Give a file or a glob in it: '{path}/*.csv'.")
    around = [each.name for each in path.parent.iterdir()] if path.parent.is_dir() else []
    return DataError(f"There is no file '{path}'.", did_you_mean(path.name, around) or f"Looked from {Path.cwd()}.")
