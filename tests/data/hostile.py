"""Hostile tables: what people's exports hold, in every form a table comes in, drawn by hypothesis.

A `Table` is plain Python rows with the form in which they are handed over (`source`). `tests/data/rereading.py` reads
the same rows in plain Python and says what must come of them.
"""

from __future__ import annotations

import csv
import datetime as dt
import itertools
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
from hypothesis import strategies as st

BIG = 10**18
NAN, INF = float("nan"), float("inf")
DELIMITERS = (",", ";", "\t", "|")
FRAMES = ("pandas", "object", "nullable", "category", "pyarrow")
STRICT = ("polars", "arrow", "parquet", "ragged")  # one type a column: a mixture goes as an object frame
FORMS = (*FRAMES, *STRICT, "csv")

IDS: dict[str, list[Any]] = {
    "small": list(range(1, 9)),
    "texts": ["ann", "bob", "cy", "dee", "eve", "fay", "gus", "hal"],
    "negative": [-3, -2, -1, 0, 1, 2, -BIG, BIG],
    "large": [BIG + step for step in range(8)],
    "large and missing": [None, *(BIG + step for step in range(7))],
    "past 64 bits": [2**63 - 1, 2**63, 2**63 + 1, 2**64 - 1, 7, 8, 9, 10],
    "odd texts": ["x y", "a", "a\u200b", "a\u00a0", "é", "e\u0301", "#1", "007"],
    "more texts": ["x y", "7", "007", " 7", "NULL", "", "None", "nan"],
    "breaks": ["x y", "line\nbreak", "carriage\r\nreturn", 'a "quote"', "semi;colon, comma", "tab\there", "|", "it's"],
    "code": ["x y", "<script>alert(1)</script>", "../../etc/passwd", "\u202eabc", "🎬", "score", "user_id", "0"],
    "whole fractions": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, NAN, 7.0],
    "fractions": [0.5, 1.0, 1.5, -2.25, 1e-9, 3.0, 4.0, 5.0],
    "infinite": [1.0, 2.0, 3.0, INF, -INF, NAN, 4.0, 5.0],
    "blurred": [1.0, 2.0, 3.0, 1e18, 1e300, 4.0, 5.0, 6.0],
    "mixed": [1, "1", 1.0, "a", True, None, 2.5, b"raw"],
    "decimals": [Decimal(text) for text in ("1", "1.00", "2.5", "3", "4", "5", "6", "7")],
    "days": [dt.date(2024, 1, day) for day in range(1, 9)],
    "dicts": [1, 2, 3, 4, 5, 6, {"id": 7}, [8]],
    "surrogate": ["a", "b", "c", "d", "e", "f", "g", "half \ud83c"],
}
RATINGS: dict[str, list[Any]] = {
    "stars": [1, 2, 3, 4, 5],
    "halves": [0.5, 1.0, 3.5, 5.0],
    "some missing": [1.0, 4.0, None, NAN, 5.0],
    "infinite": [1.0, 2.0, INF, -INF, 5.0],
    "yes and no": [True, False],
    "decimals": [Decimal("1.5"), Decimal("4.25"), Decimal("3")],
    "texts": ["1", "4.5", " 3 ", "2e0"],
    "one bad text": [1, 2, 3, 4, "five"],
    "too large": [1, 2, 3, 1e39, -1e300],
    "days": [dt.datetime(2024, 1, 1), dt.datetime(2024, 1, 2)],
    "dicts": [{"stars": 4}],
    "tiny": [0.1, 0.1, 5e-324, -0.0],
    "endless": [10**400, 1, 2],
}
DAY = dt.datetime(2024, 2, 28, 23, 59, 59)
TOKYO, LISBON = dt.timezone(dt.timedelta(hours=9)), dt.timezone(dt.timedelta(hours=-1))
TIMES: dict[str, list[Any]] = {
    "seconds": [1_700_000_000 + 1000 * step for step in range(8)],
    "thousandths": [1_700_000_000_000 + 1000 * step for step in range(8)],
    "billionths": [(1_700_000_000 + step) * 10**9 for step in range(8)],
    "before 1970": [-1, 0, 1, -10**9],
    "missing": [1_700_000_000, None, NAN, 1_600_000_000],
    "moments": [DAY + dt.timedelta(hours=step) for step in range(8)],
    "zones": [DAY.replace(tzinfo=zone) for zone in (TOKYO, LISBON, dt.UTC)],
    "one zone": [DAY.replace(tzinfo=TOKYO), (DAY + dt.timedelta(1)).replace(tzinfo=TOKYO)],
    "far": [dt.datetime(1677, 1, 1), dt.datetime(2262, 12, 31), dt.datetime(1, 1, 1), dt.datetime(9999, 12, 31), DAY],
    "days": [dt.date(1677, 9, 20), dt.date(2262, 4, 12), dt.date(2024, 2, 29)],
    "iso": ["2024-02-29", "2024-02-29T10:00:00Z", "2024-02-29 10:00:00+05:00", "1677-01-01", "2262-12-31"],
    "day first": ["13/02/2024", "01/02/2024", "05/11/2023"],
    "too far": [1_700_000_000, 10**30],
    "no times": ["2024-01-01", "soon"],
    "spans": [dt.timedelta(hours=1), dt.timedelta(days=2)],
    "dicts": [{"at": 1}],
}
CELLS: dict[str, list[Any]] = {  # of further columns
    "numbers": [1, 2, 3, 4],
    "missing": [None],
    "infinite": [1.0, INF, NAN, None],
    "too large": [1e300, 1.0],
    "alike": [0.1],
    "texts": ["red", "blue", "", "half <b>"],
    "stories": ["A long story", "Another one\nin two lines", "And \u200b a third", "One more"],
    "lists": [["a", "b"], ["b"], [], None],
    "nested": [[[1, 2], [3]], [[1, 2]]],
    "dicts": [{"a": 1}, {"b": 2}],
    "bytes": [b"ab", b"\xff", b""],
    "mixed": [1, "a", 2.5, None, True],
    "truths": [True, False],
    "dates": ["2024-01-01", "1677-01-01", "2262-12-31"],
    "complex": [1j, 2 + 1j],
    "codes": [BIG, BIG + 1, None],
    "surrogate": ["a", "\udfff"],
}
NAMES = (
    "score", "loss", "history", "embedding", "class", "lambda", "None", "__class__", "Dense", "negatives", "target",
    "for", "odd name", "a\nb", "", "🎬", "<b>", "rating_year", "timestamp_year", "born_year", "item_id", "user_row",
    "split", "ﬁ", "x" * 300, "column", "user id", "'", '"', "1", "Σ", "title",
)
_RARE = {"dicts", "surrogate", "blurred", "one bad text", "too large", "too far", "no times", "spans", "endless"}


@dataclass
class Table:
    """Rows as columns of Python values ("user", "item", maybe "stars", "at", further ones), and how they are given."""

    columns: dict[str, list[Any]]
    form: str
    options: dict[str, Any]
    items: dict[str, list[Any]] | None = None
    delimiter: str = ","
    bom: bool = False
    kinds: tuple[str, ...] = ()
    lacking: int = 0

    @property
    def half(self) -> int:
        """How many rows the first of two files has; the second lacks the last `lacking` columns, in another order."""
        return max(1, len(self.columns["user"]) // 2)

    def source(self, folder: Path) -> Any:
        """Return what `Dataset.load` takes: a frame, a table, a path or a glob of files in this folder."""
        if self.form == "csv":
            return _written(self, folder / "table.csv")
        frame = pd.DataFrame({name: pd.Series(values, dtype=object) for name, values in self.columns.items()})
        if self.form in FRAMES:
            return _FRAMES[self.form](frame)
        arrow = pa.table({name: pa.array(_in_arrow(values)) for name, values in self.columns.items()})
        if self.form == "arrow":
            return arrow
        if self.form == "polars":
            return pl.from_arrow(arrow)
        known = arrow.column_names[: len(arrow.column_names) - self.lacking]
        pieces = [arrow] if self.form == "parquet" else [arrow[: self.half], arrow[self.half :].select(known[::-1])]
        for place, piece in enumerate(pieces):
            pl.from_arrow(piece).write_parquet(folder / f"{place}.parquet")
        return str(folder / "*.parquet")


_FRAMES = {
    "object": lambda frame: frame,
    "pandas": lambda frame: frame.infer_objects(),
    "nullable": lambda frame: _converted(frame, "Int64", "numpy_nullable"),
    "pyarrow": lambda frame: _converted(frame, "int64[pyarrow]", "pyarrow"),
    "category": lambda frame: frame.astype("category"),
}


def _converted(frame: pd.DataFrame, whole: str, backend: Any) -> pd.DataFrame:
    """Return the frame with nullable types; `convert_dtypes` itself rounds large whole numbers beside a missing one."""
    numbers = [name for name, column in frame.items() if all(value is None or type(value) is int for value in column)]
    return frame.convert_dtypes(dtype_backend=backend).assign(**{name: frame[name].astype(whole) for name in numbers})


def _in_arrow(values: list[Any]) -> list[Any]:
    return [None if isinstance(value, float) and np.isnan(value) else value for value in values]


def _as_kept(values: list[Any], form: str) -> list[Any]:
    """Return values as a form keeps them: numpy has no missing whole number, so pandas makes fractions of them all."""
    numeric = all(value is None or type(value) in (int, float) for value in values)
    if form == "pandas" and numeric and any(type(value) is float or value is None for value in values) and any(
            value is not None for value in values):
        return [value if value is None else float(value) for value in values]
    return values


def _written(table: Table, path: Path) -> Path:
    with path.open("w", encoding="utf-8-sig" if table.bom else "utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=table.delimiter)
        writer.writerow(table.columns)
        writer.writerows(zip(*table.columns.values()))
    return path


def _fits(kind: str, pool: list[Any], form: str) -> bool:
    """Return whether a form can hold these values as what they are: a CSV knows texts, a typed column one type."""
    if kind == "surrogate":
        return form == "object"
    if form == "csv":
        typed = any(isinstance(value, (dict, list, bytes, bool, dt.date, dt.timedelta, complex)) for value in pool)
        return not typed and kind not in ("mixed", "decimals", "past 64 bits", "tiny", "endless", "too far")
    if kind == "spans" and form in ("parquet", "ragged"):
        return False  # in Parquet a span is a bare whole number
    if form in STRICT:
        types = {type(value) for value in _in_arrow(pool)} - {type(None)}
        whole = all(abs(value) < 2**63 for value in pool if isinstance(value, int))
        zones = {value.tzinfo for value in pool if isinstance(value, dt.datetime)}
        return len(types) <= 1 and whole and len(zones) <= 1 and not types & {complex, Decimal, dict}
    if form in ("category", "nullable", "pyarrow"):
        return not any(isinstance(value, (dict, list, complex)) or value == 10**400 for value in pool) and kind not in (
            "mixed", "zones", "decimals", "past 64 bits", "blurred", "too far")
    return True


def _pool(draw: Any, pools: dict[str, list[Any]], form: str) -> tuple[str, list[Any]]:
    fitting = [kind for kind, pool in pools.items() if _fits(kind, pool, form)]
    likely = [kind for kind in fitting if kind not in _RARE]
    kind = draw(st.sampled_from(likely * 4 + fitting))
    return kind, pools[kind]


def _pairs(draw: Any, users: list[Any], items: list[Any]) -> list[tuple[Any, Any]]:
    rare = ["one user", "one item", "again", "hub", "one row", "empty"]
    shape = draw(st.sampled_from(["any"] * 6 + ["square"] * 14 + rare))
    if shape in ("one row", "empty"):
        return [(users[0], items[0])][: shape == "one row"]
    if shape == "again":
        return [(users[0], items[0])] * draw(st.integers(2, 9))
    users = users[:1] if shape == "one user" else users
    items = items[:1] if shape == "one item" else items
    if shape == "square":
        return list(itertools.product(users, items[: draw(st.integers(3, 8))]))
    pairs = draw(st.lists(st.tuples(st.sampled_from(users), st.sampled_from(items)), min_size=8, max_size=40))
    return pairs + [(user, items[-1]) for user in users] * (shape == "hub")


def one_of_each(form: str) -> list[Table]:
    """Return a table for each kind of rating, time and further cell that a form can hold, with all of its values."""
    pairs = list(itertools.product(range(1, 6), "abcd"))
    found = []
    for role, name, pools in (("rating", "stars", RATINGS), ("time", "at", TIMES), ("", "fact", CELLS)):
        for kind, pool in ((kind, pool) for kind, pool in pools.items() if _fits(kind, pool, form)):
            cells = _as_kept([pool[place % len(pool)] for place in range(len(pairs))], form)
            columns = {"user": [user for user, _ in pairs], "item": [item for _, item in pairs], name: cells}
            options = {"user": "user", "item": "item", "split": "random", "duplicates": "last"}
            found.append(Table(columns, form, options | ({role: name} if role else {}), kinds=(form, kind)))
    return found


@st.composite
def tables(draw: Any, forms: tuple[str, ...] = FORMS) -> Table:
    """Draw a table of up to about a hundred rows."""
    form = draw(st.sampled_from(forms))
    (user_kind, users), (item_kind, items) = _pool(draw, IDS, form), _pool(draw, IDS, form)
    pairs = _pairs(draw, users, items)
    columns = {"user": _as_kept([user for user, _ in pairs], form), "item": _as_kept([item for _, item in pairs], form)}
    kinds = [form, user_kind, item_kind]
    chosen = st.lists(st.integers(0, 2**16), min_size=len(pairs), max_size=len(pairs))

    def fill(name: str, pools: dict[str, list[Any]]) -> None:
        kind, pool = _pool(draw, pools, form)
        columns[name] = _as_kept([pool[number % len(pool)] for number in draw(chosen)], form)
        kinds.append(kind)

    if draw(st.booleans()):
        fill("stars", RATINGS)
    if draw(st.booleans()):
        fill("at", TIMES)
    # A name can be taken for the rating's; and of a CSV, DuckDB takes some headers for data, or cannot read the file.
    unread = {"1", "", "a\nb"} if form == "csv" else set()
    names = [name for name in NAMES if name not in unread and (name != "score" or "stars" in columns)]
    further = draw(st.lists(st.sampled_from(names), max_size=2, unique=True))
    for name in further:
        fill(name, CELLS)
    split = draw(st.sampled_from(["random"] * 8 + ["last", "time", "user", None]))
    duplicates = draw(st.sampled_from(["last", "last", "first", "sum"]))
    options = {"user": "user", "item": "item", "split": split, "duplicates": duplicates}
    options |= {option: name for option, name in (("rating", "stars"), ("time", "at")) if name in columns}
    described = None
    if form in FRAMES and draw(st.booleans()):
        keys = draw(st.lists(st.sampled_from(items), min_size=1, max_size=8))
        kind, pool = _pool(draw, CELLS, "object")
        described = {"item": keys, "title": [f"Title {place}\u200b" for place in range(len(keys))],
                     "fact": [pool[place % len(pool)] for place in range(len(keys))]}
        kinds.append(f"described, {kind}")
    delimiter, bom = draw(st.sampled_from(DELIMITERS)), draw(st.booleans())
    table = Table(columns, form, options, described, delimiter, bom, tuple(kinds))
    if form == "ragged" and further:
        table.lacking, values = 1, columns[further[-1]]
        columns[further[-1]] = values[: table.half] + [None] * (len(values) - table.half)
    return table
