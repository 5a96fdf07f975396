"""The rows of a hostile table read again, in plain Python: what must come of them, or how it must be refused."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from recmagic.data.dataset import Dataset
from recmagic.data.roles import bare_name
from tests.data.hostile import Table

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
FLOAT32 = 3.4028235e38


class Refused(Exception):
    """What the message of the error must hold, as a pattern."""


@dataclass
class Event:
    """One row: canonical ids, rating and time (None without), and its place in the table."""

    user: str
    item: str
    rating: float | None
    time: float | None
    place: int


def absent(value: Any) -> bool:
    """Return whether a cell says nothing: None, a float or Decimal that is not a number."""
    return value is None or (isinstance(value, (float, Decimal)) and math.isnan(value))


def key(value: Any) -> str:
    """Return an id as a text, "" where it is missing: 42, 42.0 and "42" are one."""
    if absent(value) or value in (math.inf, -math.inf):
        return ""
    if isinstance(value, (float, Decimal)) and value == int(value) and abs(value) < 2**63:
        return str(int(value))
    return str(value)


def number(value: Any, place: str) -> float | None:
    """Return a cell as a number, None where it is missing or infinite."""
    if absent(value):
        return None
    if isinstance(value, str) and value.strip().lower() in ("", "nan", "none", "null"):
        return None
    if not isinstance(value, (int, float, Decimal, str)):
        raise Refused(f"{place}.* is not a number")
    try:
        found = float(value)
    except OverflowError:
        return None
    except ValueError:
        raise Refused(f"{place}.* is not a number") from None
    if math.isinf(found):
        return None
    if abs(found) > FLOAT32:
        raise Refused(f"{place}.* is too large")
    return found


def times(values: list[Any], name: str) -> list[float | None]:
    """Return a column of times as seconds since 1970, None where one is missing."""
    known = [value for value in values if not absent(value)]
    if all(isinstance(value, (int, float)) for value in known):
        largest = max((abs(value) for value in known), default=0)
        unit = next((unit for unit in (1, 10**3, 10**6, 10**9) if largest / unit <= 1e11), 1)
        far = [place for place, value in enumerate(values) if not absent(value) and abs(value / unit) > 3e11]
        if far:
            raise Refused(rf"Row {far[0] + 1}, column '{name}'.* is not a date or time")
        return [None if absent(value) else value / unit for value in values]
    return [None if absent(value) else moment(value, f"Row {place + 1}, column '{name}'")
            for place, value in enumerate(values)]


def moment(value: Any, place: str) -> float:
    """Return a date or a text of one as seconds since 1970; without a zone it is UTC."""
    if isinstance(value, str):
        day_first = re.fullmatch(r"(\d\d)/(\d\d)/(\d{4})", value)
        try:
            value = dt.datetime.fromisoformat("{2}-{1}-{0}".format(*day_first.groups()) if day_first else value)
        except ValueError:
            raise Refused(f"{place}.* is not a date or time") from None
    if not isinstance(value, dt.date):
        raise Refused(f"{place}.* is not a date or time")
    if not isinstance(value, dt.datetime):
        value = dt.datetime(value.year, value.month, value.day)
    return ((value if value.tzinfo else value.replace(tzinfo=dt.UTC)) - EPOCH).total_seconds()


def read_again(table: Table) -> tuple[list[Event], Counter[str]]:
    """Return the events that must be there, and how many rows are dropped for which reason; Refused otherwise."""
    columns, name = table.columns, table.options
    _refuse_halves(columns, table.items)
    rows = len(columns["user"])
    if table.form == "polars" and rows and any(all(map(absent, values)) for values in columns.values()):
        raise Refused("carried column .* no validity bitmap")  # DuckDB's, of a column of polars without a value
    if rows == 0:
        raise Refused("is empty|has no column")  # a CSV of no rows may have lost its header
    _refuse_ids(columns["user"], "Row {}, column 'user'")
    _refuse_ids(columns["item"], "Row {}, column 'item'")
    stars = [number(value, f"Row {place + 1}, column 'stars'") for place, value in enumerate(columns.get("stars", []))]
    at = times(columns["at"], "at") if "at" in columns else []
    told: Counter[str] = Counter()
    kept: dict[tuple[str, str], Event] = {}
    sums: dict[tuple[str, str], float] = {}
    events = []
    for place in range(rows):
        event = Event(key(columns["user"][place]), key(columns["item"][place]),
                      stars[place] if "stars" in columns else None, at[place] if "at" in columns else None, place)
        why = ("no user" if not event.user else "no item" if not event.item else
               "no rating" if "stars" in columns and event.rating is None else
               "no time" if "at" in columns and event.time is None else "")
        if why:
            told[why] += 1
        else:
            events.append(event)
    for event in sorted(events, key=lambda event: (event.time or 0.0, event.place)):
        pair = event.user, event.item
        sums[pair] = sums.get(pair, 0.0) + (1.0 if event.rating is None else event.rating)
        if pair not in kept or name["duplicates"] != "first":
            kept[pair] = event
    told["a user and item again"] += len(events) - len(kept)
    if name["duplicates"] == "sum":
        for pair, event in kept.items():
            event.rating = sums[pair]
    if not kept:
        raise Refused("No interaction is left after cleaning")
    if table.items is not None:
        _refuse_ids(table.items["item"], "Row {}, column 'item'")
    return list(kept.values()), +told


def may_lack_a_part(events: list[Event], split: str | None) -> bool | None:
    """Return whether the split has an empty part, None where this oracle does not know."""
    if split not in ("random", "last"):
        return None
    return max(Counter(event.user for event in events).values()) < 3


def check_same(data: Dataset, table: Table, events: list[Event], told: Counter[str]) -> None:
    """Assert that a Dataset holds these events and no others, and that its account tells all that was dropped."""
    log = data.interactions
    users, items = (["", *map(str, side.ids[1:])] for side in (data.users, data.items))
    wanted = {(event.user, event.item): event for event in events}
    pairs = [(users[user], items[item]) for user, item in zip(log.user_row, log.item_row)]
    assert Counter(pairs) == Counter(wanted.keys())
    assert set(users[1:]) == {event.user for event in events} and set(items[1:]) == {event.item for event in events}
    for place, pair in enumerate(pairs):
        event = wanted[pair]
        if event.rating is not None:
            assert log.rating is not None and math.isclose(log.rating[place], event.rating, rel_tol=1e-6, abs_tol=1e-44)
        if event.time is not None:
            assert log.timestamp is not None and abs(log.timestamp[place] - event.time) < 2e-5
    account: Counter[str] = Counter()
    for line in data.account:
        if line.what == "interactions":
            account[line.why.partition(" (")[0]] += line.dropped
    assert account == told
    _check_columns(data, table, [wanted[pair] for pair in pairs])
    if table.items is not None:
        last = {key(each): title for each, title in zip(table.items["item"], table.items["title"])}
        name = "item_title" if "title" in table.columns else "title"
        shown = data.items.frame[name].tolist() if name in data.items.frame else [None] * data.items.count
        assert [title if isinstance(title, str) else None for title in shown] == [last.get(item) for item in items[1:]]


def refused_cells(table: Table, events: list[Event]) -> set[str]:
    """Return the patterns of errors that the further columns allow, of which any may come first."""
    allowed: set[str] = set()
    further = [values for name, values in table.columns.items() if name not in ("user", "item", "stars", "at")]
    for values in [*further, *(table.items or {}).values()]:
        if any(isinstance(value, dict) for value in values):
            allowed.add("a dict .* is no value of a column")
        if any(isinstance(value, float) and FLOAT32 < abs(value) < math.inf for value in values):
            allowed.add(r"is too large: numbers end at 3\.4e\+38")
    return allowed


def _check_columns(data: Dataset, table: Table, events: list[Event]) -> None:
    """Assert of the interactions' own columns that each row still has its cell; a code of 0 was not in training."""
    sides = {"user": data.interactions.user_row, "item": data.interactions.item_row, "interaction": slice(None)}
    for name in set(table.columns) - {"user", "item", "stars", "at"}:
        column = next((column for column in data.columns.values() if column.source in (name, f"interaction_{name}")
                       and column.name == column.source and column.kind in ("category", "number")), None)
        if column is None or bare_name(name) in ("title", "itemid") or name.startswith("user_"):
            continue
        values, missing = column.values[sides[column.side]], column.missing[sides[column.side]]
        originals = column.originals()[sides[column.side]] if column.kind == "number" else values
        for event, value, gone, original in zip(events, values, missing, originals):
            cell = table.columns[name][event.place]
            place = (name, column.name, column.kind, cell, value, gone)
            if column.kind == "category":
                assert gone == (key(cell) == "") and (value == 0 or str(column.vocabulary[value]) == key(cell)), place
            elif not absent(cell) and math.isfinite(cell):
                assert not gone and math.isclose(original, cell, rel_tol=1e-4, abs_tol=1e-4 * column.deviation), place
            else:
                assert gone, place


def _refuse_ids(values: list[Any], place: str) -> None:
    for row, value in enumerate(values):
        if isinstance(value, (dict, list)):
            raise Refused(place.format(row + 1) + ".* is no id")
        if isinstance(value, float) and 2**53 <= abs(value) < math.inf:
            raise Refused(place.format(row + 1) + ".* ids may have run together")


def _refuse_halves(columns: dict[str, list[Any]], items: dict[str, list[Any]] | None) -> None:
    for table in (columns, items or {}):
        for name, values in table.items():
            for row, value in enumerate(values):
                if isinstance(value, str) and re.search("[\ud800-\udfff]", value):
                    raise Refused(f"Row {row + 1}, column '{re.escape(name)}'.* half a character")
