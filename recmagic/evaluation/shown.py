"""How an item is named and described to people: its title, a few of its columns, and plain values."""

from __future__ import annotations

from datetime import date
from typing import Any, Iterable

import numpy as np
import pandas as pd

from recmagic.data.dataset import Dataset

COLUMNS_SHOWN = 4
NAME_LIMIT = 80  # characters of a name within a sentence


def item_names(data: Dataset, item_rows: Iterable[int]) -> list[Any]:
    """Return what people call each item: its title, else its id."""
    label, frame = data.items.label, data.items.frame
    named = label is not None and label in frame.columns
    return [plain(frame[label].iat[row - 1]) if named else data.items.ids[row] for row in map(int, item_rows)]


def short_names(data: Dataset, item_rows: Iterable[int]) -> list[str]:
    """Return what people call each item, cut to what a sentence bears."""
    names = (str(name) for name in item_names(data, item_rows))
    return [name if len(name) <= NAME_LIMIT else name[: NAME_LIMIT - 1].rstrip() + "…" for name in names]


def fact_columns(data: Dataset, facts: pd.DataFrame) -> list[str]:
    """Return the columns to show beside the name: multi-valued ones (genres) first, long texts not at all."""
    kinds = {column.source or name: column.kind for name, column in data.items.columns.items()}
    rest = [name for name in facts.columns if name != data.items.label and kinds.get(name) != "text"]
    return sorted(rest, key=lambda name: kinds.get(name) != "multi")[:COLUMNS_SHOWN]


def multi_valued(data: Dataset) -> set[str]:
    """Return the item columns that hold several values each."""
    return {column.source or name for name, column in data.items.columns.items() if column.kind == "multi"}


def plain(value: Any, several: bool = False) -> Any:
    """Return a cell as people write it: no trailing .0, no midnight, lists as words, None where missing."""
    if several and isinstance(value, str):
        value = [part.strip() for part in value.split("|")]
    if isinstance(value, (list, tuple, set, np.ndarray)):
        return ", ".join(str(one) for one in value)
    if pd.isna(value):
        return None
    if isinstance(value, pd.Timestamp):
        return value.date() if value == value.normalize() else value
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, (str, int, float, date)) else str(value)
