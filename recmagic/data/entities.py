"""The users, or the items: one row each, and row 0 is the unknown one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from recmagic.data.column import Column
from recmagic.data.encoders import Categories
from recmagic.data.encoding import encode_frame, with_unknown
from recmagic.data.lookup import Lookup
from recmagic.data.roles import bare_name
from recmagic.errors import DataError, did_you_mean

_LABELS = ("title", "name", "label", "movietitle", "productname", "itemname", "username")
_TITLE = 60  # characters on average, at most


@dataclass(frozen=True, eq=False, repr=False)
class Entities:
    """One side of the data; every array has count + 1 rows, of which row 0 is the unknown one.

    `ids` object (count + 1,), None at 0; `columns` the typed columns, "user_id" or "item_id" among them; `frame` the
    raw metadata, `count` rows (row r is `frame.iloc[r - 1]`), first column the id; `warm` bool (count + 1,): in the
    training part; `label` the column that names one for people, or None.
    """

    side: str
    ids: NDArray[np.object_]
    columns: dict[str, Column]
    frame: pd.DataFrame
    warm: NDArray[np.bool_]
    label: str | None = None

    @property
    def count(self) -> int:
        """Number of entities, the unknown one not counted."""
        return len(self.ids) - 1

    @cached_property
    def _lookup(self) -> Lookup:
        return Lookup(tuple(self.ids))

    def rows(self, ids: Iterable[Any]) -> NDArray[np.int32]:
        """Return the row of each id, int32; 0 for an unknown one. "42" finds 42 and 42 finds "42"."""
        return self._lookup.codes(ids)

    @cached_property
    def _titles(self) -> dict[str, int]:
        if self.label is None:
            return {}
        titles = self.frame[self.label]
        known = [(row, title) for row, (title, gone) in enumerate(zip(titles, titles.isna()), start=1) if not gone]
        return {str(title).casefold(): row for row, title in reversed(known)}

    def named(self, names: Iterable[Any]) -> NDArray[np.int32]:
        """Return the row of each id or title, int32; 0 for what is neither."""
        wanted = list(names)
        rows = self.rows(wanted)
        for place in np.flatnonzero(rows == 0):
            rows[place] = self._titles.get(str(wanted[place]).casefold(), 0)
        return rows

    def encode(self, features: dict[str, Any]) -> dict[str, NDArray[Any]]:
        """Encode the raw features of one new entity: column name -> values (1, ...); what is not given is missing.

        Raises DataError at a name that is no raw column of this side, or a value that cannot be read.
        """
        known = sorted({column.source for column in self.columns.values()})
        for name in features:
            if name not in known:
                hint = did_you_mean(name, known) or f"The {self.side} columns are: {', '.join(known)}."
                raise DataError(f"There is no {self.side} column '{name}'.", hint)
        return {
            name: column.encode(pd.Series([features.get(column.source)], dtype=object))
            for name, column in self.columns.items()
        }


def build_entities(
    side: str, frame: pd.DataFrame, kinds: dict[str, str], warm: NDArray[np.bool_], label: str | None
) -> Entities:
    """Encode a metadata frame whose first column, and index, is the id; `warm` is bool (rows,): in training."""
    ids = np.array([None, *frame.iloc[:, 0].tolist()], dtype=object)
    columns = {f"{side}_id": id_column(side, ids, np.concatenate([[False], warm]))}
    encoded = encode_frame(frame, kinds, side, warm)
    columns |= {name: with_unknown(column) for name, column in encoded.items()}
    plain = {bare_name(str(name)): str(name) for name in frame.columns[1:]}
    label = label or next((plain[name] for name in _LABELS if name in plain), None) or _like_titles(frame, kinds)
    return Entities(side, ids, columns, frame.reset_index(drop=True), np.concatenate([[False], warm]), label)


def _like_titles(frame: pd.DataFrame, kinds: dict[str, str]) -> str | None:
    """Return the first column of short texts that are nearly all different, by whatever name."""
    for name in frame.columns[1:]:
        texts = frame[name].dropna().astype(str) if kinds.get(str(name)) == "text" else frame[name][:0]
        spoken = len(texts) > 0 and texts.str.count(r"\S+").mean() >= 1.5  # and no address of a picture
        if spoken and texts.str.len().mean() <= _TITLE and texts.nunique() >= 0.9 * len(texts):
            return str(name)
    return None


def id_column(side: str, ids: NDArray[np.object_], warm: NDArray[np.bool_]) -> Column:
    """Return the id column: code 1, 2, ... for each warm row in order, 0 for a cold one; all arrays (count + 1,)."""
    codes = np.where(warm, np.cumsum(warm), 0).astype(np.int32)
    encoder = Categories((None, *ids[warm].tolist()))
    name = f"{side}_id"
    return Column(name, side, "id", codes, np.arange(len(ids)) == 0, encoder, name)
