"""Live progress: a bar and a line of text in a notebook, a line that rewrites itself in a terminal."""

from __future__ import annotations

from recmagic.widgets.progress.line import LineProgress
from recmagic.widgets.progress.status import DownloadStatus, Status, TrainingStatus
from recmagic.widgets.progress.widget import WidgetProgress

_STATUS: dict[str, type[Status]] = {"training": TrainingStatus, "download": DownloadStatus}


def progress(what: str, live: bool) -> WidgetProgress | LineProgress:
    """Return a view of a "training" or a "download": a widget where the front end is a live one."""
    status = _STATUS[what]()
    return WidgetProgress(status) if live else LineProgress(status)
