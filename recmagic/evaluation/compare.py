"""Models beside a first one on the same users: how far apart they are, and whether that is more than chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from recmagic import html
from recmagic.errors import ModelError
from recmagic.evaluation.differences import Difference, differences
from recmagic.evaluation.metrics import of_label
from recmagic.evaluation.report import Report
from recmagic.evaluation.text_table import text_table

if TYPE_CHECKING:
    import pandas as pd

RESAMPLES = 10_000


class Evaluable(Protocol):
    """What can be compared: a trained model."""

    name: str

    def evaluate(self, *others: Any, k: int, on: str) -> Report:
        """Report on this one and others over one part."""


@dataclass(frozen=True)
class Comparison:
    """Models against the `first` one, metric by metric, and what the numbers stand on."""

    data: str
    fingerprint: str
    part: str
    protocol: str
    first: str
    users: int
    rows: tuple[Difference, ...]
    resamples: int
    seed: int

    @property
    def df(self) -> pd.DataFrame:
        """One row for each model but the first and metric; `against` names the first."""
        import pandas as pd

        columns = ["model", "against", "metric", *list(Difference.__dataclass_fields__)[2:]]
        return pd.DataFrame([{"against": self.first, **vars(row)} for row in self.rows], columns=columns)

    def __repr__(self) -> str:
        return "\n\n".join([self._title(), text_table(self._columns(), self._cells()), "\n".join(self._facts())])

    def _repr_html_(self) -> str:
        columns, metrics = self._columns(), list(dict.fromkeys(row.metric for row in self.rows))
        table = html.table(columns, self._cells(), self._title(), numeric=[*columns[2:5], "p"])
        meanings = html.table(["metric", "definition"], [(label, of_label(label).definition) for label in metrics])
        return html.page([table, *self._facts(), html.fold("How each metric is defined", meanings)])

    def _title(self) -> str:
        models = ", ".join(dict.fromkeys(row.model for row in self.rows))
        return f"{models} against {self.first} on the {self.part} part of {self.data}"

    def _columns(self) -> list[str]:
        return ["model", "metric", "value", f"of {self.first}", "difference", "95 % interval", "p", ""]

    def _cells(self) -> list[list[Any]]:
        return [
            [row.model, row.metric, row.value, row.against_value, row.difference,
             f"{row.low:+.4f} to {row.high:+.4f}", row.p, row.verdict]
            for row in self.rows
        ]  # fmt: skip

    def _facts(self) -> list[str]:
        models = len({row.model for row in self.rows})
        several = f", corrected for {models} models (Holm)" if models > 1 else ""
        return [
            self.protocol,
            f"{self.users:,} users. Intervals and p are of a paired bootstrap over them: {self.resamples:,} resamples, "
            f"the same for every model, seed {self.seed}.",
            f"Better or worse is said where chance alone gives such a difference less than once in 20 times{several}.",
            f"Data {self.data}, fingerprint {self.fingerprint}.",
        ]


def compare(first: Evaluable, *others: Evaluable, k: int = 10, on: str = "test", resamples: int = RESAMPLES,
            seed: int = 0) -> Comparison:
    """Compare trained models of one data set with the first, by every metric that has a value for each user.

    resamples: how often the users are drawn anew. Raises ModelError if there is nothing to compare, two models have one
    name, one is not trained or stands on other data; DataError if the part has nothing to find.
    """
    names = [model.name for model in (first, *others)]
    if not others:
        raise ModelError(f"There is nothing to compare '{names[0]}' with.", "Give two models or more.")
    twice = next((name for place, name in enumerate(names) if name in names[:place]), None)
    if twice is not None:
        raise ModelError(f"Two models are called '{twice}'.", "Read one of them under another name.")
    report = first.evaluate(*others, k=k, on=on)
    found = {name: report.evaluations[name] for name in names}
    rows = differences(found, resamples, seed)
    users = len(found[names[0]].users)
    return Comparison(report.data, report.fingerprint, on, report.protocol, names[0], users, rows, resamples, seed)
