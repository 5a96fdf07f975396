"""What a training run leaves behind: one row an epoch, why it ended, and a curve."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from recmagic import html
from recmagic.backends.memory import in_bytes
from recmagic.compiler.guarantee import Guarantee
from recmagic.training.events import Compiled, EpochEnded, Event, PrivacySpent, Reason, RunEnded, RunStarted

if TYPE_CHECKING:
    import pandas as pd

REASONS: dict[Reason, str] = {
    "finished": "all epochs done",
    "patience": "no better epoch for a while, so it stopped early",
    "interrupted": "interrupted; what was learnt is kept",
    "stopped": "stopped on request; what was learnt is kept",
    "nan": "the loss became NaN; the last good weights are kept",
    "memory": "out of memory; the last good weights are kept",
    "spent": "the privacy budget is spent",
}
SHOWN_ROWS = 100
BYTES = ("up", "down")
NOT_JUDGED = ("epoch", "loss", "seconds", "clients", "failed", *BYTES)


def ended(reason: Reason, clients: int) -> str:
    """Return why a run ended, in words; of a run by clients, an epoch is a round."""
    return REASONS[reason].replace("epoch", "round") if clients else REASONS[reason]


@dataclass
class History:
    """The story of one run: `record` is a listener of the run's events, and a run cut short is a shorter history.

    `epochs` holds one dict an epoch: epoch (from 1), loss, each validation metric by name, seconds. `best_epoch` is
    the epoch whose weights the model has (None: the last one's). `size` says how much memory the run needs. `warnings`
    are what the user should know of. `guarantee` is that of a private run. Of a federated one `clients` is how many
    there are; an epoch is a round, with how many of them answered and failed, and bytes of weights up and down.
    `failures` counts why answers did not count.
    """

    model: str = ""
    epochs: list[dict[str, float]] = field(default_factory=list)
    best_epoch: int | None = None
    reason: Reason = "finished"
    seed: int = 0
    device: str = ""
    size: str = ""
    batch: int = 0
    compile_seconds: float = 0.0
    seconds: float = 0.0
    watched: str | None = None
    warnings: list[str] = field(default_factory=list)
    guarantee: Guarantee | None = None
    clients: int = 0
    failures: dict[str, int] = field(default_factory=dict)

    def record(self, event: Event) -> None:
        """Take in one event of the run; progress within an epoch leaves no trace."""
        if isinstance(event, RunStarted):
            self.model, self.device, self.seed = event.model, event.device, event.seed
            self.batch, self.watched, self.size = event.batch, event.watched, event.size
            self.clients = event.clients
        elif isinstance(event, Compiled):
            self.compile_seconds += event.seconds
        elif isinstance(event, EpochEnded):
            loss = {} if event.loss is None else {"loss": event.loss}
            numbers = {} if event.round is None else event.round.numbers
            row = {"epoch": event.epoch, **loss, **event.metrics, **numbers, "seconds": event.seconds}
            for why, count in ({} if event.round is None else event.round.failed).items():
                self.failures[why] = self.failures.get(why, 0) + count
            if self.epochs and self.epochs[-1]["epoch"] == event.epoch:
                self.epochs.pop()  # a run that goes on finishes the epoch in which it was stopped
            self.epochs.append(row)
            if event.best:
                self.best_epoch = event.epoch
        elif isinstance(event, PrivacySpent):
            self.guarantee = event.guarantee
        elif isinstance(event, RunEnded):
            self.reason, self.best_epoch = event.reason, event.best_epoch
            self.seconds += event.seconds  # a run that goes on adds to what it took before

    @property
    def df(self) -> pd.DataFrame:
        """The epochs as a table: epoch, loss, the metrics, seconds."""
        import pandas as pd

        return pd.DataFrame(self.epochs, columns=self._columns())

    def __repr__(self) -> str:
        return f"History({', '.join([repr(self.model), self._count(), *self._facts()])})"

    def _repr_html_(self) -> str:
        columns = self._columns()
        shown = self.epochs[-SHOWN_ROWS:]
        heads = [self._unit if name == "epoch" else name for name in columns]
        marks = {self.best_epoch: "best"} if self.best_epoch is not None else {}
        rows = [[*(_cell(row, name) for name in columns), marks.get(int(row["epoch"]), "")] for row in shown]
        caption = f"Training of {self.model}" if self.model else "Training"
        table = html.table([*heads, ""], rows, caption, numeric=heads, notes=self._notes())
        label = f"No {self._unit} was finished"
        if shown:
            label = f"{self._unit.title()}s {int(shown[0]['epoch'])} to {int(shown[-1]['epoch'])}"
        head = f"{caption}: {'; '.join([self._count(), *self._facts()])}."
        return html.page([head, *self._curves(), html.fold(label, table)])

    def _columns(self) -> list[str]:
        names = dict.fromkeys(name for row in self.epochs for name in row if name != "seconds")
        return [*(names or ("epoch", "loss")), "seconds"]

    def _curves(self) -> list[html.Markup]:
        if len(self.epochs) < 2:
            return []
        first = int(self.epochs[0]["epoch"])
        names = [name for name in self._columns() if name not in NOT_JUDGED]
        groups = [(["loss"], "Training loss"), *([(names[:4], "Validation")] if names else [])]
        charts = []
        for group, title in groups:
            series = {name: [row.get(name, float("nan")) for row in self.epochs] for name in group}
            charts.append(html.curve(series, best=self.best_epoch, title=title, first=first,
                                     x_label=self._unit))
        return [html.Markup("".join(charts))]

    @property
    def _unit(self) -> str:
        return "round" if self.clients else "epoch"

    def _count(self) -> str:
        rounds = f"{len(self.epochs)} {self._unit}{'' if len(self.epochs) == 1 else 's'}"
        return f"{rounds} of {self.clients:,} client{'' if self.clients == 1 else 's'}" if self.clients else rounds

    def _facts(self) -> list[str]:
        facts = [f"loss {row['loss']:.4f}" for row in self.epochs[-1:] if "loss" in row]
        best = self.best_epoch
        row = next((row for row in self.epochs if row["epoch"] == best), None)
        if row is not None and self.watched in row:
            facts.append(f"best {self.watched} {row[self.watched]:.4f} at {self._unit} {best}")
        if self.guarantee is not None:
            facts.append(f"{self.guarantee.spent} spent")
        return [*facts, ended(self.reason, self.clients)]

    def _notes(self) -> list[str]:
        run = f"seed {self.seed}, batch {self.batch:,}, {self.device} ({self.size}), {self.seconds:.1f} s"
        kept = f"the last {self._unit}" if self.best_epoch is None else f"{self._unit} {self.best_epoch}"
        return [f"{run}, of which {self.compile_seconds:.1f} s to compile. The weights are those of {kept}.",
                *self._of_clients(), *([] if self.guarantee is None else self.guarantee.sentences), *self.warnings]

    def _of_clients(self) -> list[str]:
        """Return what went to and fro, and what did not come."""
        if not self.clients:
            return []
        down, up = (in_bytes(sum(row.get(name, 0) for row in self.epochs)) for name in ("down", "up"))
        went = f"Weights sent: {down} to clients, {up} from them. Rows of their own users stayed with them."
        missing = "; ".join(f"{count:,} {why}" for why, count in self.failures.items())
        return [went, *([f"Answers that did not count: {missing}."] if missing else [])]


def _cell(row: dict[str, float], name: str) -> Any:
    value = row.get(name)
    if name in BYTES and value is not None:
        return in_bytes(value)
    return f"{value:.1f}" if name == "seconds" and value is not None else value
