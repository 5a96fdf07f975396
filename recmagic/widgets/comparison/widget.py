"""The comparison view: sortable tables with intervals and verdicts in words, segments, and a picture."""

from __future__ import annotations

from typing import Any

from recmagic import html
from recmagic.evaluation.compare import Comparison
from recmagic.evaluation.evaluate import BEYOND_ACCURACY
from recmagic.evaluation.metrics import of_label
from recmagic.evaluation.report import ALL_USERS, SIZE, Report, Row
from recmagic.widgets.view import View, plain_json, source

MOST_ROWS = 190
OF_SIZE = {"label": SIZE, "definition": "Bytes of the model's weights in a saved file, in thousands.", "lower": True,
           "group": "beyond accuracy"}


class ComparisonView(View):
    """A report or a comparison, alive; all that it draws is in `state`."""

    _esm = source("comparison", "js")
    _css = source("comparison", "css")


def view(result: Report | Comparison) -> ComparisonView:
    """Return the view of a report, or of a comparison."""
    state = _of_report(result) if isinstance(result, Report) else _of_comparison(result)
    return ComparisonView(result, plain_json(state))


def _of_report(report: Report) -> dict[str, Any]:
    names = list(report.evaluations)
    words, sure = report.verdicts, report.intervals
    sizes = report.sizes if len(report.sizes) > 1 else {}
    rows = [_row(row) for row in report.rows]
    for row in rows:
        if row["of"] == ALL_USERS and row["model"] in sizes:
            row["values"] = {**row["values"], SIZE: sizes[row["model"]] / 1000}
        if row["of"] == ALL_USERS:
            at = {label: (row["model"], label) for label in row["values"]}
            row["sure"] = {label: sure[key] for label, key in at.items() if key in sure}
            row["verdict"] = {label: words[key] for label, key in at.items() if key in words}
    return {
        "kind": "report", "title": report._title(), "facts": report._facts(), "first": names[0] if names else "",
        "all": ALL_USERS, "metrics": [*map(_metric, report.metrics), *([OF_SIZE] if sizes else [])],
        "shown": report.shown,
        "by": report.by, "colours": html.PALETTE, "rows": rows[:MOST_ROWS],
        "segments": [_row(row) for row in report.segments][: MOST_ROWS - len(rows)],
    }


def _of_comparison(comparison: Comparison) -> dict[str, Any]:
    labels = dict.fromkeys(row.metric for row in comparison.rows)
    return {
        "kind": "comparison", "title": comparison._title(), "facts": comparison._facts(), "first": comparison.first,
        "metrics": [_metric(label) for label in labels],
        "rows": [vars(row) | {"verdict": row.verdict} for row in comparison.rows][:MOST_ROWS],
    }


def _row(row: Row) -> dict[str, Any]:
    return {"model": row.model, "of": row.of, "users": row.users, "values": row.values}


def _metric(label: str) -> dict[str, Any]:
    found = of_label(label)
    group = "row by row" if not found.of_lists else "beyond accuracy" if found.name in BEYOND_ACCURACY else "accuracy"
    return {"label": label, "definition": found.definition, "lower": found.lower_is_better, "group": group}
