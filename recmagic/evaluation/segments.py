"""Parts of the users, or of the items, for which a report measures apart: by activity, by popularity, by a column."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recmagic.data.cells import moment_text
from recmagic.data.column import Column
from recmagic.data.dataset import Dataset
from recmagic.errors import DataError, did_you_mean
from recmagic.evaluation.task import Task

ACTIVITY, POPULARITY = "activity", "popularity"
MOST_VALUES = 8  # of a category, the most frequent first; the rest is one segment
GROUPS, TENTHS = 4, 10


@dataclass(frozen=True)
class Segment:
    """A part of one side ("user" or "item"): `rows` bool (count + 1,) says which."""

    name: str
    side: str
    rows: NDArray[np.bool_]


def segments(data: Dataset, task: Task, by: str) -> list[Segment]:
    """Return the segments by "activity" (training interactions of a user), "popularity" (of an item) or a column.

    DataError where there is no such column, or one that makes no segments.
    """
    if by == ACTIVITY:
        counts = np.diff(data.interactions.relevant("train").indptr).astype(np.float64)
        return _ranges("user", counts, _chosen(task, "user"), "{} training interactions")
    if by == POPULARITY:
        return _tenths(task)
    if by not in data.columns:
        hint = did_you_mean(by, [ACTIVITY, POPULARITY, *data.columns])
        raise DataError(f"There is nothing called '{by}' to break a report down by.",
                        hint or f"Take activity, popularity, or a column: {', '.join(data.columns)}.")
    column = data.columns[by]
    if column.side == "interaction" or column.kind in ("text", "id", "tokens"):
        raise DataError(f"'{by}' makes no segments of users or items.", "Take a category, number or date of theirs.")
    chosen = _chosen(task, column.side)
    if column.kind in ("number", "date"):
        return _ranges(column.side, column.originals(), chosen, by + " {}", column.kind == "date")
    return _values(column, chosen)


def _chosen(task: Task, side: str) -> NDArray[np.bool_]:
    """Return which rows of a side count: the users measured, or the items that someone should have been shown."""
    rows = np.zeros(task.relevant.shape[0 if side == "user" else 1], dtype=bool)
    rows[task.users if side == "user" else task.relevant.indices] = True
    return rows


def _ranges(side: str, values: NDArray[np.float64], chosen: NDArray[np.bool_], words: str,
            dates: bool = False) -> list[Segment]:
    """Cut numbers into four ranges that hold about as many of those chosen; `words` has a {} where a range goes."""
    known = chosen & np.isfinite(values)
    if not known.any():
        return []
    edges = np.unique(np.quantile(values[known], np.linspace(0, 1, GROUPS + 1), method="inverted_cdf"))
    place = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, max(len(edges) - 2, 0))
    found = []
    for group in np.unique(place[known]):
        rows = known & (place == group)
        low, high = values[rows].min(), values[rows].max()
        told = figure(low, dates) if low == high else f"{figure(low, dates)} to {figure(high, dates)}"
        found.append(Segment(words.format(told), side, rows))
    return found + _rest(side, chosen & ~np.isfinite(values), "not known")


def figure(value: float, date: bool) -> str:
    """Return the end of a range of numbers, or of seconds, in words."""
    return moment_text(value) if date else f"{value:g}"


def most_frequent(codes: NDArray[np.int32], count: int) -> list[int]:
    """Return the codes that occur most often, at most `count` of them, the most frequent first; never 0, the unknown.
    """
    times = np.bincount(codes.ravel(), minlength=1)
    times[0] = 0
    return [int(code) for code in np.argsort(-times, kind="stable")[:count] if times[code]]


def _values(column: Column, chosen: NDArray[np.bool_]) -> list[Segment]:
    """One segment a value, the most frequent first; who has several values is in several."""
    codes = column.values.reshape(len(column.values), -1)
    frequent = most_frequent(codes[chosen], MOST_VALUES)
    found = [Segment(f"{column.name} {column.vocabulary[code]}", column.side, chosen & (codes == code).any(axis=1))
             for code in frequent]
    other = chosen & ~np.isin(codes, frequent).any(axis=1)
    unknown = ~(codes > 0).any(axis=1)
    return (found + _rest(column.side, other & ~unknown, f"other {column.name}")
            + _rest(column.side, other & unknown, f"{column.name} not known"))


def _tenths(task: Task) -> list[Segment]:
    """Cut the items known in training into tenths, the most popular first, and those that are not into one more."""
    counts = task.catalogue.counts
    warm = np.flatnonzero(counts)
    tenth = np.full(len(counts), -1)
    tenth[warm[np.argsort(-counts[warm], kind="stable")]] = np.arange(len(warm)) * TENTHS // max(len(warm), 1)
    ends = {0: " (most popular)", TENTHS - 1: " (least)"}
    found = [Segment(f"popularity tenth {place + 1}{ends.get(place, '')}", "item", tenth == place)
             for place in range(TENTHS)]
    wanted = _chosen(task, "item")
    return [each for each in found if (each.rows & wanted).any()] + _rest("item", wanted & (tenth < 0), "cold items")


def _rest(side: str, rows: NDArray[np.bool_], name: str) -> list[Segment]:
    return [Segment(name, side, rows)] if rows.any() else []
