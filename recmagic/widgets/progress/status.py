"""Where a run stands, in numbers and in one line of text."""

from __future__ import annotations

from recmagic.training.events import Compiled, EpochEnded, Event, Progress, RunStarted

STOP = "the toolbar's stop button ends it and keeps what was learnt"


class Status:
    """Takes in a run's events; `done` of `total` steps, `text` in one line, `ended` with `reason`."""

    def __init__(self) -> None:
        self.done, self.total = 0, 1
        self.reason: str | None = None
        self._run: RunStarted | None = None
        self._parts: dict[str, str] = {}

    def take(self, event: Event) -> None:
        """Take in one event."""
        if isinstance(event, RunStarted):
            self._run, self.total, self.done = event, max(event.epochs * event.steps, 1), 0
            self._parts = {"phase": "compiling the training step …"}
        elif isinstance(event, Compiled):
            self._parts["compiled"] = f"compiled in {event.seconds:.1f} s"
        elif isinstance(event, Progress):
            self._parts.pop("phase", None)
            self.done = (event.epoch - 1) * event.steps + event.step
            self._parts["epoch"] = f"epoch {event.epoch}/{self._epochs()}"
            self._parts["loss"] = f"loss {event.loss:.4g}"
            self._parts["speed"] = f"{short(event.examples_per_second)} examples/s"
        elif isinstance(event, EpochEnded):
            self._parts.pop("phase", None)
            self._parts["epoch"] = f"epoch {event.epoch}/{self._epochs()}"
            self._parts["loss"] = f"loss {event.loss:.4g}"
            self._parts["metrics"] = " · ".join(f"{name} {value:.4f}" for name, value in event.metrics.items())
            if event.best and self._run is not None:
                self.done = max(self.done, event.epoch * self._run.steps)
                self._parts["best"] = f"best so far at epoch {event.epoch}"
        else:
            self.reason = event.reason
            self._parts["phase"] = {"finished": "done", "patience": "stopped early"}.get(event.reason, event.reason)

    @property
    def text(self) -> str:
        """The line: model, epoch, loss, metrics, speed, device, compile time, and how to stop while it runs."""
        run = self._run
        order = ("phase", "epoch", "loss", "metrics", "best", "speed")
        parts = [run.model] if run is not None and run.model else []
        parts += [self._parts[key] for key in order if self._parts.get(key)]
        parts += [f"on {run.device}"] if run is not None else []
        parts += [self._parts["compiled"]] if "compiled" in self._parts else []
        return " · ".join(parts)

    def _epochs(self) -> int:
        return self._run.epochs if self._run is not None else 0


def short(number: float) -> str:
    """Return a count with three figures and k, M or G."""
    for unit, size in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if number >= size:
            return f"{number / size:.3g} {unit}"
    return f"{number:.3g}"
