"""Which column is the user, the item, the rating and the time: as named, or by the usual names."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pandas as pd

from recmagic.errors import DataError, did_you_mean

USER, ITEM, RATING, TIME = "user_id", "item_id", "rating", "timestamp"
ROLES = {"user": USER, "item": ITEM, "rating": RATING, "time": TIME}  # option -> the name that a cell uses

_USUAL = {
    "user": ("userid", "user", "uid", "customerid", "customer", "memberid", "member", "visitorid", "visitor",
             "clientid", "client", "accountid", "account", "buyerid", "buyer", "shopperid", "profileid",
             "readerid", "reader", "reviewerid", "sessionid", "session", "username"),
    "item": ("itemid", "item", "iid", "movieid", "movie", "productid", "product", "sku", "articleid", "article", "asin",
             "bookid", "book", "isbn", "filmid", "film", "songid", "song", "trackid", "track", "artistid", "artist",
             "gameid", "game", "newsid", "contentid", "content", "businessid", "parentasin", "showid", "videoid",
             "video", "recipeid", "stockcode"),
    "rating": ("rating", "ratings", "stars", "score", "userrating", "overall", "ratingvalue", "preference", "grade"),
    "time": ("timestamp", "time", "datetime", "date", "ts", "unixtime", "unixtimestamp", "createdat", "eventtime",
             "boughtat", "ratedat", "purchasedat", "orderdate", "invoicedate", "reviewtime",
             "unixreviewtime", "watchedat"),
}


def find_roles(table: pd.DataFrame, named: dict[str, str | None]) -> dict[str, str]:
    """Return option ("user", "item", "rating", "time") -> column of the table; rating and time may be absent.

    `named` holds what the user said. Raises DataError at a named column that is not there, and where the user or the
    item cannot be told.
    """
    columns = [str(name) for name in table.columns]
    roles = {role: column_named(columns, name, role) for role, name in named.items() if name is not None}
    for role, column in roles.items():
        twin = next((other for other, name in roles.items() if name == column and other != role), None)
        if twin is not None:
            raise DataError(f"The column '{column}' cannot be both the {role} and the {twin}.",
                            f"The columns are: {', '.join(columns)}.")
    for role, usual in _USUAL.items():
        free = [name for name in columns if name not in roles.values()]
        found = None if role in roles else _first_usual(free, usual)
        if found is not None:
            roles[role] = found
    for role in ("user", "item"):
        if role not in roles:
            raise DataError(
                f"No column looks like the {role}: the table has {', '.join(columns)}.",
                f"Say which it is: --{role} COLUMN in a cell, {role}=\"COLUMN\" in Python.",
            )
    return roles


def find_key(table: pd.DataFrame, role_column: str, role: str) -> str:
    """Return the id column of a users or items table: of the same name, of a usual name, or the only id-like one.

    Raises DataError where none or several could be it.
    """
    columns = [str(name) for name in table.columns]
    if role_column in columns:
        return role_column
    if _without_header(table):
        return columns[0]
    usual = _first_usual(columns, (bare_name(role_column), *_USUAL[role]))
    likely = [
        name for name in columns if bare_name(name) in ("id", "key", "code") or re.search(r"(?:_id|Id|ID)$", name)
    ]
    if usual is not None:
        return usual
    if len(likely) == 1:
        return likely[0]
    raise DataError(
        f"The {role}s table has neither a column '{role_column}' nor one id-like column: it has {', '.join(columns)}.",
        f"Rename its id column to '{role_column}'.",
    )


def named_by_place(table: pd.DataFrame) -> pd.DataFrame:
    """Name the columns of a file without a header: user, item, rating, time, as files of interactions mostly go.

    Of three columns the third is a time if it holds numbers past 100 million. Raises DataError at a first row that has
    the usual names of user and item: it was meant as the header.
    """
    if not _without_header(table) or not 2 <= table.shape[1] <= 4:
        return table
    first = {bare_name(str(value)) for value in (table.iloc[0] if len(table) else ())}
    if first.intersection(_USUAL["user"]) and first.intersection(_USUAL["item"]):
        raise DataError(
            f"The header {', '.join(map(str, table.iloc[0]))} was taken for a row: a name in it is empty or a value.",
            "Give each column a name that is a word.",
        )
    names = [USER, ITEM, RATING, TIME][: table.shape[1]]
    third = pd.to_numeric(table.iloc[:, 2], errors="coerce") if len(names) == 3 else pd.Series([0.0])
    if third.median() > 1e8:
        names[2] = TIME
    return table.set_axis(names, axis=1)


def _without_header(table: pd.DataFrame) -> bool:
    return all(re.fullmatch(r"column\d+", str(name)) for name in table.columns)  # the names that DuckDB gives


def column_named(columns: Sequence[str], name: str, option: str) -> str:
    """Return the name if the table has it, else raise DataError with the nearest name."""
    if name in columns:
        return name
    hint = did_you_mean(name, columns) or f"The columns are: {', '.join(columns)}."
    raise DataError(f"The table has no column '{name}' ({option}).", hint)


def bare_name(name: str) -> str:
    """Return a column name without case, spaces and signs, as names are compared."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _first_usual(columns: Sequence[str], usual: Sequence[str]) -> str | None:
    bare = {bare_name(name): name for name in reversed(columns)}
    return next((bare[name] for name in usual if name in bare), None)
