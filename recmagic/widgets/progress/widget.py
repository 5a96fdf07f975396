"""The live view as one ipywidget: a bar, a line of text, and a word on how to stop."""

from __future__ import annotations

import time

import ipywidgets

from recmagic.widgets.progress.status import Status

SECONDS_BETWEEN = 0.1  # a front end that gets more messages than ten a second falls behind


class WidgetProgress:
    """Listens to what the status takes, and shows it in `widget`."""

    def __init__(self, status: Status) -> None:
        self._status = status
        self._shown_at = 0.0
        self._bar = ipywidgets.IntProgress(min=0, max=1, layout={"width": "280px"})
        self._text = ipywidgets.Label("starting …")
        self._about = ipywidgets.Label(status.about)
        self._hint = ipywidgets.Label(status.hint, style={"font_size": "90%"})
        self._line = ipywidgets.HBox([self._bar, self._text], layout={"flex_flow": "wrap"})
        self.widget = ipywidgets.VBox([self._line, self._about, self._hint])

    def __call__(self, *event: object) -> None:
        """Take in one event, and show where things stand unless that was done a moment ago."""
        urgent = self._status.take(*event)
        now = time.monotonic()
        if urgent or now - self._shown_at >= SECONDS_BETWEEN:
            self._shown_at = now
            self._bar.max, self._bar.value = self._status.total, self._status.done
            self._bar.bar_style, self._text.value = self._status.style, self._status.text
            self._about.value = self._status.about

    def close(self) -> None:
        """Let go of the widget's models in the front end."""
        for part in (self.widget, self._line, self._bar, self._text, self._about, self._hint):
            part.close()
