"""Live progress: a bar and a line of text in a notebook, a line that rewrites itself in a terminal."""

from __future__ import annotations

from typing import Union

from recmagic.widgets.progress.line import LineProgress
from recmagic.widgets.progress.widget import WidgetProgress


def progress(live: bool) -> Union[WidgetProgress, LineProgress]:
    """Return a view that listens to a run or a download: a widget where the front end is a live one."""
    return WidgetProgress() if live else LineProgress()
