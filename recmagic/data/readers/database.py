"""Databases: SQLite and DuckDB files and Postgres servers, by a query or their only table; all opened to read only."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import duckdb
import pandas as pd

from recmagic.errors import DataError

_SUFFIXES = (".db", ".sqlite", ".sqlite3", ".duckdb")
_POSTGRES = ("postgres://", "postgresql://")
_TABLES = "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY name"


def is_database(source: str) -> bool:
    """Return whether this is the path of a SQLite or DuckDB file, or the address of a Postgres server."""
    return source.startswith((*_POSTGRES, "sqlite:///", "duckdb:///")) or source.lower().endswith(_SUFFIXES)


def read_database(source: str, query: str | None) -> pd.DataFrame:
    """Return what the query gives, or the database's only table without one.

    Raises DataError at a database that cannot be opened, a query that cannot be run, and at several tables without one.
    """
    if source.startswith(_POSTGRES):
        return _through_duckdb(":memory:", query, attach=source)
    path = Path(source.removeprefix("sqlite:///").removeprefix("duckdb:///")).expanduser()
    if not path.is_file():
        raise DataError(f"There is no database '{path}'.", f"Looked from {Path.cwd()}.")
    with path.open("rb") as file:
        lite = file.read(15) == b"SQLite format 3"
    return _sqlite(path, query) if lite else _through_duckdb(str(path), query)


def _sqlite(path: Path, query: str | None) -> pd.DataFrame:
    # Python's own reader: DuckDB's needs an extension, which it would have to download.
    with closing(sqlite3.connect(f"file:{quote(str(path.resolve()))}?mode=ro", uri=True)) as connection:
        try:
            query = query or _only_table([str(name) for (name,) in connection.execute(_TABLES)])
            cursor = connection.execute(query)
            names = [str(name) for name, *_ in cursor.description or ()]
            frame = pd.DataFrame.from_records(cursor.fetchall(), columns=names)
        except (sqlite3.Error, sqlite3.Warning) as error:
            raise _failed(query, str(error)) from None
    if not names:
        raise _failed(query, "it gives no rows")
    return frame


def _through_duckdb(database: str, query: str | None, attach: str | None = None) -> pd.DataFrame:
    try:
        with duckdb.connect(database, read_only=attach is None) as connection:
            if attach is not None:
                _attach(connection, attach)
            if query is None:
                tables = connection.execute("SHOW TABLES").fetchall()
                query = _only_table([str(name) for (name,) in tables])
            frame: pd.DataFrame = connection.execute(query).df()
    except duckdb.Error as error:
        raise _failed(query, str(error)) from None
    return frame


def _attach(connection: duckdb.DuckDBPyConnection, address: str) -> None:
    literal = address.replace("'", "''")
    try:
        connection.execute(f"ATTACH '{literal}' AS server (TYPE postgres, READ_ONLY); USE server")
    except duckdb.Error as error:
        fact = without_password(str(error), address)
        hint = "DuckDB needs its extension 'postgres' for this, which it downloads once."
        raise DataError(f"The database cannot be reached: {fact}", hint) from None


def without_password(text: str, address: str) -> str:
    """Return the text with the address's password struck out, so that no notebook keeps it."""
    password = urlsplit(address).password
    return text.replace(password, "***").replace(unquote(password), "***") if password else text


def _only_table(tables: list[str]) -> str:
    if len(tables) == 1:
        name = tables[0].replace('"', '""')
        return f'SELECT * FROM "{name}"'
    held = f"the tables {', '.join(tables)}" if tables else "no table"
    raise DataError(f"The database holds {held}.", 'Say what to read: --query "SELECT ... FROM ..."')


def _failed(query: str | None, fact: str) -> DataError:
    if query is None:
        return DataError(f"The database cannot be read: {fact}", "Check its path or address.")
    return DataError(f"The query cannot be run: {fact}", f"The query was: {query}")
