"""From whatever the user names (a table, a path, a built-in name, a database) to raw tables with roles."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pandas as pd

from recmagic.data.readers.archive import Listener
from recmagic.data.readers.database import is_database, read_database
from recmagic.data.readers.files import find_files, query_files, read_files
from recmagic.data.readers.frame import as_frame, is_table
from recmagic.data.readers.plain_cells import plain_cells
from recmagic.data.registry import built_in, built_in_names
from recmagic.data.roles import find_key, find_roles, named_by_place
from recmagic.data.tables import Tables
from recmagic.errors import DataError, did_you_mean

_SQL = re.compile(r"\s*(?:select|with|from)\s", re.IGNORECASE)
_PATH = re.compile(r"[./\\*?\[]")


def open_tables(
    source: Any, named: dict[str, str | None], *, users: Any = None, items: Any = None, path: str | Path | None = None,
    query: str | None = None, listen: Listener | None = None,
) -> Tables:
    """Return the raw tables of a source, with the roles that `named` says or the usual names tell."""
    if isinstance(source, str) and source in built_in_names():
        tables = built_in(source)(path=path, listen=listen)
        if any(named.values()):
            tables = _with_roles(tables, {**tables.roles, **{role: name for role, name in named.items() if name}})
    else:
        tables = _with_roles(Tables(_name_of(source), named_by_place(read_table(source, query))), named)
    if users is not None:
        table = read_table(users)
        tables = replace(tables, users=table, user_key=find_key(table, tables.user, "user"))
    if items is not None:
        table = read_table(items)
        tables = replace(tables, items=table, item_key=find_key(table, tables.item, "item"))
    return tables


def read_table(source: Any, query: str | None = None) -> pd.DataFrame:
    """Return one table as a pandas frame: a notebook variable, a path or glob, a SQL query, a database with a query.

    Raises DataError at what is none of these, at what cannot be read, and at two columns of one name.
    """
    if is_table(source):
        return as_frame(source, query)
    if not isinstance(source, str | Path):
        raise DataError(f"{type(source).__name__} is not a table.", "Give a pandas, polars or Arrow table, or a path.")
    text = str(source)
    if _SQL.match(text):
        return plain_cells(query_files(text))
    if is_database(text):
        return plain_cells(read_database(text, query))
    if not Path(text).exists() and not _PATH.search(text):
        names = built_in_names()
        hint = did_you_mean(text, names) or f"The built-in sources are: {', '.join(names)}."
        raise DataError(f"There is no built-in source, file or table '{text}'.", hint)
    return plain_cells(read_files(find_files(text), query))


def _with_roles(tables: Tables, named: dict[str, str | None]) -> Tables:
    roles = find_roles(tables.interactions, named)
    return replace(
        tables, user=roles["user"], item=roles["item"], rating=roles.get("rating"), time=roles.get("time")
    )


def _name_of(source: Any) -> str:
    """Return what to call the data: the file's or database's name, without an address's password."""
    if not isinstance(source, str | Path) or _SQL.match(str(source)):
        return "table"
    return Path(urlsplit(source).path if isinstance(source, str) and "://" in source else source).stem or "table"
