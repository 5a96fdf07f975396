"""Where a run or a download stands, in one line of text."""

from __future__ import annotations

from typing import Any, Protocol

from recmagic.backends.memory import in_bytes
from recmagic.training.events import Compiled, EpochEnded, Event, PrivacySpent, Progress, RunEnded, RunStarted

PHASES = {"finished": "done", "patience": "stopped early", "nan": "the loss became NaN",
          "spent": "the privacy budget is spent"}


class Status(Protocol):
    """What a line shows: its text, and `about`, which does not change: where the work is done, and what it needs."""

    about: str

    def take(self, *event: Any) -> bool:
        """Take in one event, and say whether it must be shown at once."""

    @property
    def text(self) -> str:
        """The line."""


class TrainingStatus:
    """Listens to the events of a training run."""

    def __init__(self) -> None:
        self.about = ""
        self._run: RunStarted | None = None
        self._parts: dict[str, str] = {}
        self._compile_seconds = 0.0

    def take(self, event: Event) -> bool:
        """Take in one event; the start, the compile time and the end are shown at once."""
        if isinstance(event, RunStarted):
            self._run = event
            self.about = f"on {event.device} · {event.size}"
            self._parts = {"phase": "compiling the training step …" if event.compiles else "starting …"}
        elif isinstance(event, Compiled):
            self._compile_seconds += event.seconds
            self._parts["compiled"] = f"compiled in {self._compile_seconds:.1f} s"
        elif isinstance(event, Progress):
            self._learnt(event.epoch, event.loss)
            self._parts["speed"] = f"{short(event.examples_per_second).strip()} examples/s"
        elif isinstance(event, EpochEnded):
            self._learnt(event.epoch, event.loss)
            self._parts["metrics"] = " · ".join(f"{name} {value:.4f}" for name, value in event.metrics.items())
            if event.best:
                self._parts["best"] = f"best so far at {self._unit} {event.epoch}"
            if event.round is not None:
                self._parts["clients"] = f"{event.round.done} of {event.round.asked} clients"
        elif isinstance(event, PrivacySpent):
            self._parts["privacy"] = event.guarantee.spent
        else:
            self._parts["phase"] = PHASES.get(event.reason, event.reason)
        return isinstance(event, (RunStarted, Compiled, RunEnded))

    @property
    def text(self) -> str:
        """The line: model, epoch, loss, metrics, speed, compile time."""
        order = ("phase", "epoch", "loss", "clients", "metrics", "best", "privacy", "speed", "compiled")
        name = [self._run.model] if self._run is not None and self._run.model else []
        return " · ".join(name + [self._parts[key] for key in order if self._parts.get(key)])

    @property
    def _unit(self) -> str:
        return "round" if self._run is not None and self._run.clients else "epoch"

    def _learnt(self, epoch: int, loss: float | None) -> None:
        self._parts.pop("phase", None)
        of = f"/{self._run.epochs}" if self._run is not None else ""
        self._parts["epoch"] = f"{self._unit} {epoch}{of}"
        self._parts["loss"] = "" if loss is None else f"loss {loss:.4g}"


class DownloadStatus:
    """Listens to a download, which tells (bytes so far, bytes in all or None): `done` of `total`."""

    about = ""

    def __init__(self) -> None:
        self.done, self.total = 0, 1

    def take(self, done: int, total: int | None) -> bool:
        """Take in how far it is; the end is shown at once."""
        self.done, self.total = done, total or max(done, 1)
        return done == total

    @property
    def text(self) -> str:
        """The line: how much has come, of how much."""
        return f"downloading · {in_bytes(self.done)} of {in_bytes(self.total)}"


def short(number: float) -> str:
    """Return a count with three figures, a space, and k, M or G."""
    for unit, size in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if number >= size:
            return f"{number / size:.3g} {unit}"
    return f"{number:.3g} "
