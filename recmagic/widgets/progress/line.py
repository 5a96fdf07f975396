"""The live view where there are no widgets: one line that rewrites itself once a second."""

from __future__ import annotations

import sys
import time

from recmagic.widgets.progress.status import Status

SECONDS_BETWEEN = 1.0


class LineProgress:
    """Listens to what the status takes, and writes to standard output what it is about, then its line."""

    widget = None

    def __init__(self, status: Status) -> None:
        self._status = status
        self._shown_at = 0.0
        self._length = 0
        self._about = ""

    def __call__(self, *event: object) -> None:
        """Take in one event, and write the line unless that was done less than a second ago."""
        urgent = self._status.take(*event)
        if self._status.about != self._about:
            self._about = self._status.about
            sys.stdout.write(self._about + "\n")
        now = time.monotonic()
        if urgent or now - self._shown_at >= SECONDS_BETWEEN:
            self._shown_at = now
            text = self._status.text
            sys.stdout.write("\r" + text.ljust(self._length))
            sys.stdout.flush()
            self._length = len(text)

    def close(self) -> None:
        """End the line."""
        sys.stdout.write("\n")
