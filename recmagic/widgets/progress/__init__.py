"""Live progress: a view of its own for a training, a bar for a download, a line that rewrites itself in a terminal."""

from __future__ import annotations

from typing import Any

from recmagic.widgets.progress.line import LineProgress
from recmagic.widgets.progress.status import DownloadStatus, Status, TrainingStatus
from recmagic.widgets.progress.widget import WidgetProgress
from recmagic.widgets.training import TrainingView

_STATUS: dict[str, type[Status]] = {"training": TrainingStatus, "download": DownloadStatus}


def progress(what: str, live: bool, stop: Any = None) -> WidgetProgress | TrainingView | LineProgress:
    """Return a view of a "training" or a "download": a widget where the front end is a live one.

    stop: for a training, what is set where one asks it to stop.
    """
    if not live:
        return LineProgress(_STATUS[what]())
    return TrainingView(stop) if what == "training" else WidgetProgress(DownloadStatus())
