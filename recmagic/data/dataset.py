"""The data of a recommender: interactions, users and items with typed columns, a split, and how it came about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from recmagic.data.assembling import Wish, assemble
from recmagic.data.card import as_html, as_text
from recmagic.data.cleaning import Cleaning, Dropped
from recmagic.data.column import Column
from recmagic.data.entities import Entities
from recmagic.data.fingerprint import fingerprint
from recmagic.data.interactions import Interactions
from recmagic.data.opening import open_tables, read_table
from recmagic.data.roles import ROLES
from recmagic.data.split import PART_NAMES, TRAIN
from recmagic.data.updating import updated
from recmagic.errors import DataError, did_you_mean

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """Interactions, users and items with roles and typed columns, and a split; made by `Dataset.load`.

    `roles` says which column of the table is the "user", "item", "rating" and "time"; `account` what cleaning dropped
    and why; `options` what was asked for; `warnings` what the user should know; `truth`, where the source knows the
    users' real tastes, answers `scores(user_ids, item_ids)`.
    """

    name: str
    users: Entities
    items: Entities
    interactions: Interactions
    account: list[Dropped]
    roles: dict[str, str]
    options: dict[str, Any]
    split_name: str
    split_seed: int
    licence: str = ""
    note: str = ""
    truth: Any = None
    warnings: list[str] = field(default_factory=list)

    @classmethod
    def load(
        cls,
        source: Any,
        *,
        name: str | None = None,
        user: str | None = None,
        item: str | None = None,
        rating: str | None = None,
        time: str | None = None,
        users: Any = None,
        items: Any = None,
        split: str | None = None,
        min_user: int = 0,
        min_item: int = 0,
        keep: str | None = None,
        positive: str | None = None,
        duplicates: str = "last",
        types: dict[str, str] | None = None,
        scale: tuple[float, float] | None = None,
        path: str | Path | None = None,
        seed: int = 0,
        query: str | None = None,
        listen: Callable[[int, int | None], None] | None = None,
    ) -> Dataset:
        """Load interactions from a table, a file, a database or a built-in source.

        source: a built-in name ("films", "movielens-1m", ...), a pandas, polars or Arrow table, a CSV or Parquet path
            or glob, a SQL query over files, or a SQLite, Postgres or DuckDB database (with `query`).
        user, item, rating, time: the columns of the roles; found by the usual names where not given.
        users, items: tables or paths of metadata.
        split: "time", "last", "random" (per user), "user" or "file"; drawn by `seed`.
        min_user, min_item: drop users and items with fewer interactions, until none is left.
        keep: drop rows where this does not hold ("rating >= 3"); positive: mark the rows where this holds.
        duplicates: which of several rows of a user and item stays: "first", "last" or "sum" (of their ratings).
        types: column -> "category", "multi", "number", "date" or "text"; scale: lowest and highest rating allowed.
        path: a local copy of a built-in source. listen: called with (bytes so far, bytes in all) while downloading.

        Raises DataError at whatever does not fit, with what to do about it.
        """
        named = {"user": user, "item": item, "rating": rating, "time": time}
        tables = open_tables(source, named, users=users, items=items, path=path, query=query, listen=listen)
        cleaning = Cleaning(keep, duplicates, min_user, min_item)
        wish = Wish(cleaning, positive or tables.positive, split, seed, types or {}, scale or tables.rating_scale)
        parts = assemble(tables, wish)
        options = vars(cleaning) | {"positive": wish.positive, "split": parts.split_name, "seed": seed,
                                    "types": wish.types, "scale": wish.scale}
        return cls(
            name or tables.name, parts.users, parts.items, parts.interactions, parts.account, tables.roles, options,
            parts.split_name, seed, tables.licence, tables.note, tables.truth, parts.warnings,
        )

    @cached_property
    def fingerprint(self) -> str:
        """16 hexadecimal digits over the content and the options; equal in every process."""
        return fingerprint(self.users, self.items, self.interactions, self.options)

    @cached_property
    def columns(self) -> dict[str, Column]:
        """All columns by the name that a cell uses."""
        return self.users.columns | self.items.columns | self.interactions.columns

    def column(self, name: str) -> Column:
        """Return the column that a cell means by `name`; DataError where there is none."""
        if name in self.columns:
            return self.columns[name]
        role = next((ROLES[role] for role, column in self.roles.items() if column == name), None)
        hint = f"It is called {role} here." if role else did_you_mean(name, self.columns)
        hint = hint or f"The columns are: {', '.join(self.columns)}."
        raise DataError(f"The data '{self.name}' has no column '{name}'.", hint)

    @property
    def df(self) -> pd.DataFrame:
        """The interactions that were kept: ids, rating and timestamp (UTC) where there are any, positive, part."""
        import pandas as pd

        log = self.interactions
        columns: dict[str, Any] = {"user_id": self.users.ids[log.user_row], "item_id": self.items.ids[log.item_row]}
        if log.rating is not None:
            columns["rating"] = log.rating
        if log.timestamp is not None:
            columns["timestamp"] = pd.to_datetime(log.timestamp, unit="s", utc=True)
        return pd.DataFrame(columns | {"positive": log.positive, "part": np.array(PART_NAMES)[log.part]})

    @cached_property
    def rating_scale(self) -> tuple[float, float] | None:
        """Lowest and highest rating of the training part, or None without ratings."""
        ratings = self.interactions.rating
        if ratings is None:
            return None
        trained = ratings[self.interactions.part == TRAIN]
        return float(trained.min()), float(trained.max())

    def updated(self, rows: Any) -> Dataset:
        """Return the data with new rows (a table or a path) in the training part.

        Old row numbers and codes stay; new ids get rows and codes behind them; statistics and vocabularies stay.
        Columns of users or items in `rows` describe the new ones. Raises DataError at rows that do not fit.
        """
        return updated(self, read_table(rows))

    def training_rows(self, side: str) -> NDArray[np.bool_]:
        """Return which rows of a column of this side ("user", "item", "interaction") belong to the training part."""
        if side == "interaction":
            return np.asarray(self.interactions.part == TRAIN)
        return self.users.warm if side == "user" else self.items.warm

    def encode_user(self, features: dict[str, Any]) -> dict[str, NDArray[Any]]:
        """Encode a new user's raw features: column -> values (1, ...), missing if not given; DataError if unknown."""
        return self.users.encode(features)

    def encode_item(self, features: dict[str, Any]) -> dict[str, NDArray[Any]]:
        """Encode a new item's raw features: column -> values (1, ...), missing if not given; DataError if unknown."""
        return self.items.encode(features)

    def __repr__(self) -> str:
        return as_text(self)

    def _repr_html_(self) -> str:
        return as_html(self)
