"""A report: models as rows, metrics as columns, and everything that a number must carry beside it."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from recmagic import html
from recmagic.evaluation.differences import OF_A_REPORT, differences, intervals
from recmagic.evaluation.evaluate import BEYOND_ACCURACY, Evaluation
from recmagic.evaluation.metrics import of_label
from recmagic.evaluation.text_table import text_table

if TYPE_CHECKING:
    import pandas as pd

ALL_USERS = "all users"
PICTURED = ("coverage", "novelty")
SIZE = "weights (kB)"


@dataclass(frozen=True)
class Counts:
    """How many users and items the numbers stand on; cold ones have no training interaction."""

    users: int
    users_left_out: int
    cold_users: int
    items: int
    relevant: int
    relevant_items: int
    cold_relevant_items: int


@dataclass(frozen=True)
class Row:
    """The metrics of one model over some of the users (`of`), by label; `users` says how many there are."""

    model: str
    of: str
    users: int
    values: dict[str, float]


@dataclass(frozen=True)
class Report:
    """What was measured, of whom and how.

    `rows` are the models, the baselines and the ceiling, each over all users and, where there are cold ones, over warm
    and cold users and cold items apart; `evaluations` keeps the per-user values by model, for comparisons. `segments`
    are further rows, where it was asked for them `by` something. `sizes` are the bytes of the models' weights on disk.
    """

    data: str
    fingerprint: str
    part: str
    protocol: str
    counts: Counts
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    evaluations: dict[str, Evaluation] = field(default_factory=dict, repr=False, compare=False)
    by: str = ""
    segments: tuple[Row, ...] = ()
    sizes: dict[str, int] = field(default_factory=dict)

    @property
    def metrics(self) -> list[str]:
        """The labels of the metrics, in order."""
        return list(dict.fromkeys(label for row in self.rows for label in row.values))

    @property
    def definitions(self) -> dict[str, str]:
        """Label -> definition of each metric of the report."""
        return {label: of_label(label).definition for label in self.metrics}

    @property
    def df(self) -> pd.DataFrame:
        """The rows as a table: model, of, users, and one column a metric (NaN where it does not apply)."""
        import pandas as pd

        rows = [{"model": row.model, "of": row.of, "users": row.users, **row.values}
                for row in (*self.rows, *self.segments)]
        return pd.DataFrame(rows, columns=["model", "of", "users", *self.metrics])

    def to_dict(self) -> dict[str, Any]:
        """Everything but the per-user values, ready for JSON."""
        return {
            "data": self.data,
            "fingerprint": self.fingerprint,
            "part": self.part,
            "protocol": self.protocol,
            "counts": asdict(self.counts),
            "rows": [asdict(row) | {"values": _json_values(row.values)} for row in self.rows],
            "by": self.by,
            "segments": [asdict(row) | {"values": _json_values(row.values)} for row in self.segments],
            "definitions": self.definitions,
            "notes": list(self.notes),
        }

    def to_json(self) -> str:
        """Return the report as JSON text."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=2)

    def __repr__(self) -> str:
        tables = [text_table(["", *labels], self._cells(labels)) for labels in self._groups()]
        apart = [f"{self.shown} by {self.by}\n{text_table(*self.apart)}"] if self.segments else []
        return "\n\n".join([self._title(), *tables, *apart, "\n".join(self._facts())])

    def _repr_html_(self) -> str:
        groups = self._groups()
        tables = [
            html.table(["model", *labels], self._cells(labels), self._title() if not place else "", numeric=labels)
            for place, labels in enumerate(groups)
        ]
        if self.segments:
            tables.append(html.table(*self.apart, f"{self.shown} by {self.by}", numeric=self.apart[0][1:]))
        meanings = html.table(["metric", "definition"], self.definitions.items())
        defined = html.fold("How each metric is defined", meanings)
        return html.page([*tables, *self._facts(), *self._sureness(), defined])

    @property
    def shown(self) -> str:
        """The metric that stands for the others where there is room for one: ndcg, else the first."""
        return next((label for label in self.metrics if label.startswith("ndcg@")), self.metrics[0])

    @property
    def apart(self) -> tuple[list[str], list[list[Any]]]:
        """The segments as columns and rows: users of each, and each model's value of `shown`."""
        models = list(dict.fromkeys(row.model for row in self.segments))
        values = {(row.of, row.model): row.values.get(self.shown) for row in self.segments}
        users = {row.of: row.users for row in self.segments}
        rows = [[of, count, *(values.get((of, model)) for model in models)] for of, count in users.items()]
        return ["segment", "users", *models], rows

    @cached_property
    def intervals(self) -> dict[tuple[str, str], tuple[float, float]]:
        """The 95 % interval (low, high) of each number that is a mean over users, by model and label."""
        return intervals(self.evaluations)

    @cached_property
    def verdicts(self) -> dict[tuple[str, str], str]:
        """How each model stands against the first, in a word, by model and label."""
        return {(each.model, each.metric): each.verdict for each in differences(self.evaluations, OF_A_REPORT, 0)}

    def _sureness(self) -> list[html.Markup]:
        """Fold-outs: how sure each number is, and accuracy beside what else a list should be."""
        if not self.evaluations:
            return []
        first = next(iter(self.evaluations))
        rows = [[model, label, self.evaluations[model].means[label], f"{low:.4f} to {high:.4f}",
                 self.verdicts.get((model, label), "")] for (model, label), (low, high) in self.intervals.items()]
        table = html.table(["model", "metric", "value", "95 % interval", f"against {first}"], rows, numeric=["value"])
        pictures = [html.scatter(self.beside(label), title=f"{self.shown} against {label}", x_label=label,
                                 y_label=self.shown) for label in self.metrics if of_label(label).name in PICTURED]
        drawn = html.Markup("".join(pictures))
        return [html.fold("How sure each number is", table),
                *([html.fold("Accuracy against coverage and novelty", drawn)] if drawn else []), *self._by_size()]

    def _by_size(self) -> list[html.Markup]:
        """A fold-out of accuracy against size, where there are several to compare."""
        if len(self.sizes) < 2:
            return []
        title = f"{self.shown} against {SIZE}"
        drawing = html.scatter(self.beside(SIZE), title=title, x_label=SIZE, y_label=self.shown)
        return [html.fold("Accuracy against size", drawing)]

    @property
    def frontier(self) -> list[str]:
        """The models that no other one beats in both size and accuracy (Pareto), the smallest first."""
        points = {dot.name: (dot.x[0], dot.y[0]) for dot in self.beside(SIZE)}
        best = [name for name, (size, value) in points.items() if not any(
            other <= size and better >= value and (other, better) != (size, value)
            for other, better in points.values())]
        return sorted(best, key=lambda name: points[name])

    def beside(self, label: str) -> list[html.Dots]:
        """Return each model as one point: another metric, or SIZE, across, and `shown` upwards."""
        across = {row.model: self.sizes[row.model] / 1000 if label == SIZE else row.values[label] for row in self.rows
                  if row.of == ALL_USERS and (row.model in self.sizes if label == SIZE else label in row.values)}
        return [html.Dots(row.model, [across[row.model]], [row.values[self.shown]]) for row in self.rows
                if row.of == ALL_USERS and row.model in across and self.shown in row.values]

    def _title(self) -> str:
        return f"Evaluation on the {self.part} part of {self.data}"

    def _groups(self) -> list[list[str]]:
        """Split the columns into tables that fit a page: accuracy of lists, beyond accuracy, and row by row."""
        groups: dict[tuple[bool, bool], list[str]] = {}
        for label in self.metrics:
            measured = of_label(label)
            groups.setdefault((measured.of_lists, measured.name in BEYOND_ACCURACY), []).append(label)
        return list(groups.values())

    def _cells(self, labels: list[str]) -> list[list[Any]]:
        rows = [row for row in self.rows if any(label in row.values for label in labels)]
        return [[_heading(row), *(row.values.get(label) for label in labels)] for row in rows]

    def _facts(self) -> list[str]:
        counts = self.counts
        cold = f"{counts.cold_users:,} of them cold (no training interaction)" if counts.cold_users else "all warm"
        items = f"{counts.relevant:,} relevant interactions with {counts.relevant_items:,} items"
        return [
            self.protocol,
            f"{counts.users:,} users evaluated, {cold}; {counts.users_left_out:,} left out (nothing relevant). "
            f"{items}, {counts.cold_relevant_items:,} of these cold.",
            *self.notes,
            *([f"Of the models with weights, none is both smaller and better by {self.shown} than one of these: "
               f"{', '.join(self.frontier)}."]
              if len(self.sizes) > 1 else []),
            f"Data {self.data}, fingerprint {self.fingerprint}.",
        ]


def _heading(row: Row) -> str:
    return row.model if row.of == ALL_USERS else f"{row.model} · {row.of} ({row.users:,})"


def _json_values(values: dict[str, float]) -> dict[str, float | None]:
    return {label: value if math.isfinite(value) else None for label, value in values.items()}
