"""Letting go of a widget and of what ipywidgets makes beside it."""

from __future__ import annotations

from typing import Any

import ipywidgets


def close(widget: ipywidgets.Widget) -> None:
    """Close a widget, its layout and its style, each of which has a comm of its own that `close` leaves open."""
    beside: list[Any] = [getattr(widget, name, None) for name in ("layout", "style")]
    ipywidgets.Widget.close(widget)
    for each in beside:
        if isinstance(each, ipywidgets.Widget):
            each.close()
