"""A download as one ipywidget: a bar, a line of text, and a word on how to stop."""

from __future__ import annotations

import time
from typing import Any

import ipywidgets

from recmagic.widgets import closing
from recmagic.widgets.progress.status import DownloadStatus

SECONDS_BETWEEN = 0.1  # a front end that gets more messages than ten a second falls behind


class WidgetProgress:
    """Listens to what the status takes, and shows it in `widget`."""

    def __init__(self, status: DownloadStatus) -> None:
        self._status = status
        self._shown_at = 0.0
        self._bar = ipywidgets.IntProgress(min=0, max=1, layout={"width": "280px"})
        self._text = ipywidgets.Label("starting …")
        self._hint = ipywidgets.Label("To stop: the toolbar's stop button.", style={"font_size": "90%"})
        self._line = ipywidgets.HBox([self._bar, self._text], layout={"flex_flow": "wrap"})
        self.widget = ipywidgets.VBox([self._line, self._hint])

    def __call__(self, *event: Any) -> None:
        """Take in one event, and show where things stand unless that was done a moment ago."""
        urgent = self._status.take(*event)
        now = time.monotonic()
        if urgent or now - self._shown_at >= SECONDS_BETWEEN:
            self._shown_at = now
            self._bar.max, self._bar.value = self._status.total, self._status.done
            self._text.value = self._status.text

    def close(self) -> None:
        """Let go of the widget's models in the front end."""
        for part in (self.widget, self._line, self._bar, self._text, self._hint):
            closing.close(part)
