"""Recommendations for many users straight to a Parquet or CSV file: DuckDB joins ids and item columns and writes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from recmagic.errors import DataError

BLOCK = 50_000  # users


def write(
    path: str | Path,
    user_ids: NDArray[np.object_],
    items: NDArray[np.int32],
    scores: NDArray[Any],
    item_ids: NDArray[np.object_],
    facts: pd.DataFrame,
    hits: NDArray[np.bool_] | None = None,
) -> Path:
    """Write user_id, item_id, score, rank, hit where there are `hits` (U, k), and the item columns `facts` (row r - 1
    is item row r), in list order.

    DataError if the file cannot be written.
    """
    import duckdb

    path = Path(path)
    if path.suffix.lower() not in ("", ".parquet", ".pq", ".csv"):
        raise DataError(f"'{path}' would not be a {path.suffix} file: lists are written as Parquet or CSV.",
                        f"Name it {path.with_suffix('.parquet')} or .csv; the table itself is in .df.")
    as_csv = path.suffix.lower() == ".csv"
    if as_csv:
        facts = facts.map(_for_spreadsheets)
    with duckdb.connect() as base:
        base.register("people", pd.DataFrame({"_user": np.arange(len(user_ids)), "user_id": _column(user_ids)}))
        things = pd.DataFrame({"_item": np.arange(1, len(item_ids) + 1), "item_id": _column(item_ids)})
        base.register("things", pd.concat([things, facts], axis=1))
        base.execute('CREATE TABLE listed (_user BIGINT, _item BIGINT, score DOUBLE, "rank" INTEGER, hit BOOLEAN)')
        for start in range(0, len(items), BLOCK):
            base.register("block", _block(items, scores, hits, start))
            base.execute("INSERT INTO listed SELECT * FROM block")
        hit = "" if hits is None else "hit, "
        joined = base.sql(
            f'SELECT user_id, item_id, score, "rank", {hit}things.* EXCLUDE (_item, item_id) FROM listed '
            'JOIN people USING (_user) JOIN things USING (_item) ORDER BY _user, "rank"'
        )
        try:
            (joined.write_csv if as_csv else joined.write_parquet)(str(path))
        except duckdb.IOException as error:
            raise DataError(f"Cannot write {path}.", str(error).splitlines()[0]) from None
    return path


def _block(items: NDArray[np.int32], scores: NDArray[Any], hits: NDArray[np.bool_] | None,
           start: int) -> pd.DataFrame:
    place, nth = np.nonzero(items[start : start + BLOCK])
    listed = {"_user": place + start, "_item": items[place + start, nth], "score": scores[place + start, nth]}
    hit = np.zeros(len(nth), bool) if hits is None else hits[place + start, nth]
    return pd.DataFrame(listed | {"rank": nth + 1, "hit": hit})


def _for_spreadsheets(value: Any) -> Any:
    """Return a text that a spreadsheet would take for a formula with an apostrophe before it."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def _column(ids: NDArray[np.object_]) -> pd.Series[Any]:
    """Return ids with the type that they share, or as text."""
    kinds = {type(one) for one in ids}
    return pd.Series(ids.tolist() if len(kinds) <= 1 else [str(one) for one in ids])
