"""The live view of a run where there are no widgets: one line that rewrites itself once a second."""

from __future__ import annotations

import sys
import time

from recmagic.training.events import Event, RunEnded, RunStarted
from recmagic.widgets.progress.status import Status

SECONDS_BETWEEN = 1.0


class LineProgress:
    """Listens to a run's events and writes its line to standard output."""

    widget = None

    def __init__(self) -> None:
        self._status = Status()
        self._shown_at = 0.0
        self._length = 0

    def __call__(self, event: Event) -> None:
        self._status.take(event)
        now = time.monotonic()
        if isinstance(event, (RunStarted, RunEnded)) or now - self._shown_at >= SECONDS_BETWEEN:
            self._shown_at = now
            self._write(self._status.text)

    def close(self) -> None:
        """End the line."""
        if self._length:
            sys.stdout.write("\n")

    def _write(self, text: str) -> None:
        sys.stdout.write("\r" + text.ljust(self._length))
        sys.stdout.flush()
        self._length = len(text)
