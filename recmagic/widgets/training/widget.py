"""The training view: a listener of a run's events that shows them at most ten times a second."""

from __future__ import annotations

import time
from typing import Any, ClassVar, Protocol

import traitlets

from recmagic.widgets.training.run import RunSoFar
from recmagic.widgets.view import View, plain_json, source

SECONDS_BETWEEN = 0.1  # a front end that gets more messages than ten a second falls behind


class Stoppable(Protocol):
    """What is told of a stop: pressed by the button, and tells whoever else pressed it."""

    told: Any

    def press(self) -> None:
        """Ask for a stop."""


class TrainingView(View):
    """Shows a run in `widget`, which is itself. All that it draws is in its traits, so a reloaded page goes on."""

    curve = traitlets.Dict().tag(sync=True)
    stopping = traitlets.Bool(False).tag(sync=True)

    _esm = source("training", "js")
    _css = source("training", "css")

    def __init__(self, stop: Stoppable | None = None) -> None:
        self._run, self._stop = RunSoFar(), stop
        self._drawn: int | None = None  # the last epoch of the curve on the page
        self._shown_at = 0.0
        super().__init__(self._run, self._run.state)
        _answer_while_busy(self.comm)
        if stop is not None:
            stop.told = self._say_stopping

    @property
    def widget(self) -> TrainingView:
        """What is displayed."""
        return self

    def __call__(self, event: Any) -> None:
        """Take in one event, and show where things stand unless that was done a moment ago."""
        urgent = self._run.take(event)
        now = time.monotonic()
        if urgent or now - self._shown_at >= SECONDS_BETWEEN:
            self._shown_at = now
            with self.hold_sync():  # one message for both
                self.state = plain_json(self._run.state)
                if self._drawn != self.state.get("ended"):
                    self._drawn, self.curve = self.state.get("ended"), self._run.curve

    def _here(self) -> bool:
        """Answer that a button can work: this is asked while a cell runs, and an answer means that messages come in."""
        return self._stop is not None

    def _pressed(self) -> bool:
        """Ask the run to stop. This runs in another thread, which may do no more than that."""
        if self._stop is not None:
            self._stop.press()
        return True

    def _say_stopping(self) -> None:
        self.stopping = True

    answers: ClassVar = {"here": _here, "stop": _pressed}


def _answer_while_busy(comm: Any) -> None:
    """Let this comm's messages be answered while a cell runs.

    ipykernel 7.4 hands what the page sends to whichever shell spoke last on the comm, which is the busy one; before it,
    the page's own shell was taken, and is here. Elsewhere there is nothing to change.
    """
    if hasattr(comm, "_reply_subshell_for"):
        comm._reply_subshell_for = lambda data, default: default
