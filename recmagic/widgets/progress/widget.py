"""The live view of a run as one ipywidget: a bar, a line of text, and a word on how to stop."""

from __future__ import annotations

import time

import ipywidgets

from recmagic.training.events import EpochEnded, Event, Progress, RunEnded
from recmagic.widgets.progress.status import STOP, Status

SECONDS_BETWEEN = 0.1  # a front end that gets more messages than ten a second falls behind
STYLES = {"finished": "success", "patience": "success", "nan": "danger"}


class WidgetProgress:
    """Listens to a run's events and shows them in `widget`."""

    def __init__(self) -> None:
        self._status = Status()
        self._shown_at = 0.0
        self._bar = ipywidgets.IntProgress(min=0, max=1, bar_style="info", layout={"width": "280px"})
        self._text = ipywidgets.Label("starting …")
        self._hint = ipywidgets.Label(f"To stop: {STOP}.", style={"font_size": "90%"})
        self.widget = ipywidgets.VBox(
            [ipywidgets.HBox([self._bar, self._text], layout={"flex_flow": "wrap"}), self._hint]
        )

    def __call__(self, event: Event) -> None:
        self._status.take(event)
        now = time.monotonic()
        if isinstance(event, (Progress, EpochEnded)) and now - self._shown_at < SECONDS_BETWEEN:
            return
        self._shown_at = now
        self._show()
        if isinstance(event, RunEnded):
            self._bar.bar_style = STYLES.get(event.reason, "warning")

    def close(self) -> None:
        """Let go of the widget's models in the front end."""
        for part in (self._bar, self._text, self._hint, *self.widget.children, self.widget):
            part.close()

    def _show(self) -> None:
        self._bar.max, self._bar.value = self._status.total, self._status.done
        self._text.value = self._status.text
