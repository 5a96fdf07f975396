"""The users and items tables: matched to the ids that occur, under names that no two sides share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pandas as pd

from recmagic.data.cells import DATE_PARTS
from recmagic.data.cleaning import Dropped
from recmagic.data.ids import check_ids
from recmagic.data.lookup import Lookup, Vocabulary, plain
from recmagic.data.roles import ROLES, TIME


def aligned(
    side: str, ids: Vocabulary, table: pd.DataFrame | None, key: str
) -> tuple[pd.DataFrame, list[Dropped], list[str]]:
    """Return one row of metadata an id (`ids[1:]`, first column `key`), the account and warnings.

    Of a repeated key the last row counts; rows of ids that never occur are left out. Raises DataError at what is no id.
    """
    if table is None:
        return pd.DataFrame({key: list(ids[1:])}), [], []
    check_ids(table[key], key)
    codes = Lookup(ids).codes(table[key])
    rows = np.zeros(len(ids), dtype=np.int64)
    rows[codes] = np.arange(len(table)) + 1
    lost = int((rows[1:] == 0).sum())
    frame = table.iloc[rows[1:] - 1].reset_index(drop=True)
    if lost:
        frame = frame.where(pd.Series(rows[1:] > 0), None)
    others = [name for name in table.columns if name != key]
    frame = pd.concat([pd.Series(list(ids[1:]), name=key), frame[others]], axis=1)
    return frame, _account(side, table, key, codes), _warnings(side, lost, ids, table[key])


def distinct_names(columns: dict[str, Sequence[str]]) -> tuple[dict[str, dict[str, str]], list[str]]:
    """Return side -> old name -> new name, and warnings: a name of two sides, or of a role, gets its side before it.

    So does a name that a date of another side gives to one of its parts, such as born_year.
    """
    counts = Counter(name for names in columns.values() for name in names)
    shared = {name for name, count in counts.items() if count > 1} | set(ROLES.values())
    dates = columns | {"interaction": [*columns["interaction"], TIME]}
    parts = {side: {f"{name}_{part}" for name in names for part in DATE_PARTS} for side, names in dates.items()}
    renamed: dict[str, dict[str, str]] = {side: {} for side in columns}
    for side, names in columns.items():
        taken = shared.union(*(made for other, made in parts.items() if other != side))
        for name in (name for name in names if name in taken):
            new = f"{side}_{name}"
            while new in counts or new in taken:
                new = f"{side}_{new}"
            renamed[side][name] = new
    clashes = [f"{side} column '{old}' is called '{new}' here." for side, names in renamed.items()
               for old, new in names.items()]
    return renamed, clashes


def _account(side: str, table: pd.DataFrame, key: str, codes: np.ndarray) -> list[Dropped]:
    missing = plain(table[key])[1]
    known = codes[codes > 0]
    lines = [
        Dropped(f"{side}s", "no id", int(missing.sum())),
        Dropped(f"{side}s", "without an interaction", int(((codes == 0) & ~missing).sum())),
        Dropped(f"{side}s", "an id again (last kept)", len(known) - len(np.unique(known))),
    ]
    return [line for line in lines if line.dropped]


def _warnings(side: str, lost: int, ids: Vocabulary, there: pd.Series) -> list[str]:
    if not lost:
        return []
    count = len(ids) - 1
    seen = f"it has {there.iloc[0]!r}, the interactions have {ids[1]!r}" if len(there) else "it is empty"
    why = f" ({seen}; write both in one way)" if lost == count else ""
    return [f"{lost:,} of {count:,} {side}s are not in the {side}s table{why}: their columns are missing."]
