"""From whatever the user names (a table, a path, a built-in name, a database) to raw tables with roles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from recmagic.data.readers.frame import as_frame, is_table
from recmagic.data.registry import built_in, built_in_names
from recmagic.data.roles import find_key, find_roles
from recmagic.data.tables import Tables
from recmagic.errors import DataError

Listener = Callable[[int, int | None], None]


def open_tables(
    source: Any, named: dict[str, str | None], *, users: Any = None, items: Any = None, path: str | Path | None = None,
    query: str | None = None, listen: Listener | None = None,
) -> Tables:
    """Return the raw tables of a source, with the roles that `named` says or the usual names tell."""
    if isinstance(source, str) and source in built_in_names():
        tables = built_in(source)(path=path, listen=listen)
        if any(named.values()):
            own = {"user": tables.user, "item": tables.item, "rating": tables.rating, "time": tables.time}
            tables = _with_roles(tables, own | {role: name for role, name in named.items() if name})
    else:
        tables = _with_roles(Tables(_name_of(source), read_table(source, query)), named)
    if users is not None:
        table = read_table(users)
        tables = replace(tables, users=table, user_key=find_key(table, tables.user, "user"))
    if items is not None:
        table = read_table(items)
        tables = replace(tables, items=table, item_key=find_key(table, tables.item, "item"))
    return tables


def read_table(source: Any, query: str | None = None) -> pd.DataFrame:
    """Return one table as a pandas frame: a notebook variable, a path or glob, or a database with a query."""
    if is_table(source):
        return as_frame(source)
    raise DataError(f"{type(source).__name__} is not a table.", "Give a pandas, polars or Arrow table, or a path.")


def _with_roles(tables: Tables, named: dict[str, str | None]) -> Tables:
    roles = find_roles(tables.interactions, named)
    return replace(
        tables, user=roles["user"], item=roles["item"], rating=roles.get("rating"), time=roles.get("time")
    )


def _name_of(source: Any) -> str:
    return Path(source).stem if isinstance(source, str | Path) else "table"
