"""What a training run has told so far, as the page draws it."""

from __future__ import annotations

import math
import time
from typing import Any

from recmagic import html
from recmagic.backends.memory import in_bytes
from recmagic.training.events import Compiled, EpochEnded, Event, PrivacySpent, Progress, Round, RunEnded, RunStarted
from recmagic.training.history import ended

MOST_POINTS = 150  # of a curve; more cannot be told apart on the page
MOST_METRICS = 4


class RunSoFar:
    """Listens to the events of a run. `state` is where it stands, `curve` what each epoch gave."""

    def __init__(self) -> None:
        self.state: dict[str, Any] = {"phase": "starting …"}
        self._epochs: list[EpochEnded] = []
        self._best: int | None = None
        self._began = 0.0
        self._sent = (0, 0)  # bytes of weights down to clients and up from them
        self._before = 0  # steps that were done when the clock started

    def take(self, event: Event) -> bool:
        """Take in one event, and say whether it must be shown at once: the start, the compile time and the end."""
        if isinstance(event, RunStarted):
            self._start(event)
        elif isinstance(event, Compiled):
            seconds = self.state.get("compiled", 0.0) + event.seconds
            self.state |= {"compiled": seconds, "phase": "training"}
        elif isinstance(event, Progress):
            self.state |= {"phase": "training", "epoch": event.epoch, "step": event.step, "steps": max(event.steps, 1),
                           "loss": event.loss, "speed": event.examples_per_second,
                           "left": self._left((event.epoch - 1) * event.steps + event.step)}
        elif isinstance(event, EpochEnded):
            self._epochs.append(event)
            self._best = event.epoch if event.best else self._best
            self.state |= {"phase": "training", "epoch": event.epoch, "step": self.state.get("steps", 1),
                           "ended": event.epoch, "loss": event.loss, "metrics": event.metrics, "best": self._best}
            if event.round is not None:
                self._sent = self._sent[0] + event.round.down, self._sent[1] + event.round.up
                self.state |= {"told": _told(event.round, *self._sent)}
        elif isinstance(event, PrivacySpent):
            self.state |= {"privacy": event.guarantee.spent}
        else:
            self.state |= {"phase": ended(event.reason, self.state.get("clients", 0)), "left": None, "over": True}
        return isinstance(event, (RunStarted, Compiled, RunEnded))

    @property
    def curve(self) -> dict[str, Any]:
        """The epochs' numbers, loss and metrics, thinned evenly where there are many; the best and the last stay."""
        rows = self._epochs
        if len(rows) > MOST_POINTS:
            step = (len(rows) - 1) / (MOST_POINTS - 1)
            kept = {round(place * step) for place in range(MOST_POINTS)}
            rows = [row for place, row in enumerate(rows) if place in kept or row.epoch == self._best]
        names = list(dict.fromkeys(name for row in rows for name in row.metrics))[:MOST_METRICS]
        return {"epoch": [row.epoch for row in rows], "loss": [_finite(row.loss) for row in rows],
                "metrics": {name: [_finite(row.metrics.get(name)) for row in rows] for name in names}}

    def __repr__(self) -> str:
        return f"Training of {self.state.get('model') or 'a model'}: {self.state['phase']}"

    def _repr_html_(self) -> str:
        return html.page([f"{self!r}. What it gave is shown here when it ends."])

    def _start(self, event: RunStarted) -> None:
        self.state = {
            "model": event.model, "device": f"on {event.device} · {event.size}", "epochs": event.epochs,
            "steps": max(event.steps, 1), "epoch": 0, "step": 0, "watched": event.watched, "clients": event.clients,
            "phase": "compiling the training step …" if event.compiles else "starting …",
        }

    def _left(self, done: int) -> float | None:
        """Return about how many seconds the epochs to come take, at the mean pace so far, judging them included."""
        total = self.state.get("epochs", 1) * self.state.get("steps", 1)
        if self._before == 0:  # the first steps only start the clock: before them, it was compiling
            self._before, self._began = done, time.monotonic()
            return None
        return (time.monotonic() - self._began) / max(done - self._before, 1) * (total - done)


def _told(given: Round, down: int, up: int) -> list[list[str]]:
    """Return what a round by clients is told in: a name and a text each."""
    failed = f", {given.asked - given.done} failed" if given.asked > given.done else ""
    return [["last round", f"{given.done} of {given.asked} clients{failed}"],
            ["sent to clients", in_bytes(down)], ["from clients", in_bytes(up)]]


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
