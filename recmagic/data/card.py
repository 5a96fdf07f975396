"""How a Dataset shows itself: the same facts as lines of text and as a page of HTML."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from recmagic.data.cells import moment_text
from recmagic.data.column import Column
from recmagic.data.drawings import drawings
from recmagic.data.entities import Entities
from recmagic.data.split import PART_NAMES, TEST, TRAIN, VALID
from recmagic.html import Markup, fold, page, table

if TYPE_CHECKING:
    from recmagic.data.dataset import Dataset

HOT = 10  # training interactions from which on a user or item is called hot
_SAMPLE = 5
_FEW = 5


def as_text(data: Dataset) -> str:
    """Return the facts as lines: what, and its value."""
    lines = [f"Dataset {data.name}: {_counts(data)}"]
    lines += [f"  {what:<12}{value}" for what, value in facts(data)]
    lines += [f"  {'columns':<12}{side}: {', '.join(told)}" for side, told in _columns_told(data).items()]
    return "\n".join(lines + [f"  note: {warning}" for warning in data.warnings])


def as_html(data: Dataset) -> Markup:
    """Return the facts, the warnings, and fold-outs of the columns and of a sample, all escaped."""
    columns = table(("column", "side", "kind", "holds, in the training part", "missing"), column_rows(data))
    return page([
        table(("fact", "value"), facts(data), f"{data.name}: {_counts(data)}", numeric=()),
        *[f"Note: {warning}" for warning in data.warnings],
        *drawings(data),
        fold(f"Columns ({len(data.columns)})", columns),
        fold("A sample of the interactions", table(*sample(data))),
    ])


def facts(data: Dataset) -> list[tuple[str, str]]:
    """Return (what, value) rows: note, time, ratings, split, warmth, positives, account, licence, fingerprint."""
    log = data.interactions
    rows = [("about", data.note)] if data.note else []
    if log.timestamp is not None:
        rows.append(("time", f"{moment_text(log.timestamp.min())} to {moment_text(log.timestamp.max())}"))
    if log.rating is not None:
        rows.append(("ratings", f"{log.rating.min():g} to {log.rating.max():g}, mean {log.rating.mean():.2f}"))
    sizes = np.bincount(log.part, minlength=3)
    seed = f" (seed {data.split_seed})" if data.split_name in ("random", "user") else ""
    rows += [
        ("split", f"{data.split_name}{seed}: train {sizes[TRAIN]:,}, valid {sizes[VALID]:,}, test {sizes[TEST]:,}"
                  + _cuts(data)),
        ("users", _warmth(data.users, log.user_row[log.part == TRAIN])),
        ("items", _warmth(data.items, log.item_row[log.part == TRAIN])),
        ("positive", _positive(data)),
    ]
    read = len(log) + sum(line.dropped for line in data.account if line.what == "interactions")
    rows += [("rows", f"{read:,} read, {len(log):,} kept")] if read > len(log) else []
    rows += [("dropped", f"{line.dropped:,} {line.what}: {line.why}") for line in data.account]
    if data.items.label not in (None, "title"):
        rows.append(("titles", f"items are named by {data.items.label}"))
    rows += [("licence", data.licence)] if data.licence else []
    return [*rows, ("fingerprint", data.fingerprint)]


def column_rows(data: Dataset) -> list[tuple[str, str, str, str, int]]:
    """Return a row a column: name, side, kind, what it holds, and how many are missing (row 0 not counted)."""
    return [
        (name, column.side, column.kind, _holds(column), int(column.missing.sum()) - (column.side != "interaction"))
        for name, column in data.columns.items()
    ]


def sample(data: Dataset) -> tuple[list[str], list[list[object]]]:
    """Return the heads and a few rows of the interactions, spread over the users, with what names an item."""
    log = data.interactions
    chosen = np.unique(np.linspace(0, len(log) - 1, _SAMPLE).astype(int))
    shown: dict[str, list[object]] = {"user": data.users.ids[log.user_row[chosen]].tolist(),
                                      "item": data.items.ids[log.item_row[chosen]].tolist()}
    if data.items.label is not None:
        shown[data.items.label] = data.items.frame[data.items.label].iloc[log.item_row[chosen] - 1].tolist()
    if log.rating is not None:
        shown["rating"] = [f"{rating:g}" for rating in log.rating[chosen]]
    if log.timestamp is not None:
        shown["time"] = [moment_text(moment, clock=True) for moment in log.timestamp[chosen]]
    shown["part"] = [PART_NAMES[part] for part in log.part[chosen]]
    return list(shown), [list(row) for row in zip(*shown.values())]


def _cuts(data: Dataset) -> str:
    """Return from when on the later parts begin, where the split has such moments."""
    log = data.interactions
    if data.split_name != "time" or log.timestamp is None:
        return ""
    begin = {name: log.timestamp[log.part == part] for name, part in (("valid", VALID), ("test", TEST))}
    return "".join(f"; {name} from {moment_text(times.min())}" for name, times in begin.items() if len(times))


def _counts(data: Dataset) -> str:
    users, items, rows = data.users.count, data.items.count, len(data.interactions)
    return f"{users:,} users × {items:,} items, {rows:,} interactions (density {rows / (users * items):.2%})"


def _warmth(side: Entities, trained: np.ndarray) -> str:
    counts = np.bincount(trained, minlength=side.count + 1)[1:]
    hot, cold = int((counts >= HOT).sum()), int((counts == 0).sum())
    warm = side.count - hot - cold
    return f"{hot:,} hot ({HOT} or more training interactions), {warm:,} warm, {cold:,} cold (none)"


def _positive(data: Dataset) -> str:
    condition, marked = data.options["positive"], int(data.interactions.positive.sum())
    return f"{condition} ({marked:,} of {len(data.interactions):,})" if condition else "every interaction"


def _columns_told(data: Dataset) -> dict[str, list[str]]:
    told: dict[str, list[str]] = {}
    for column in data.columns.values():
        if column.name == column.source:
            told.setdefault(column.side, []).append(f"{column.name} ({column.kind})")
    return told


def _holds(column: Column) -> str:
    if column.kind == "date":
        return f"around {moment_text(column.mean)}, deviation {column.deviation / 86400:,.0f} days"
    if column.kind == "number":
        return f"mean {column.mean:.4g}, deviation {column.deviation:.4g}"
    if column.kind == "text":
        known = column.values[~column.missing]
        return f"such as {known[0]}" if len(known) else ""
    values = [str(value) for value in column.vocabulary[1 : _FEW + 1]]
    more = ", …" if column.size > _FEW + 1 else ""
    return f"{column.size - 1:,} values: {', '.join(values)}{more}"
