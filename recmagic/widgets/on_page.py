"""Which views are on the page: a cell that runs again shows others, and those that it showed before are let go.

The page cannot be asked which views it still shows. It says which cell it runs, if it is a notebook's; elsewhere views
live as long as the kernel.
"""

from __future__ import annotations

from typing import Any, Protocol

_of_cell: dict[str, list[Closable]] = {}


class Closable(Protocol):
    """A live view."""

    def close(self) -> None:
        """Let go of it here and on the page."""


def put(view: Closable, shell: Any) -> None:
    """Note which cell shows a view."""
    cell = shell.kernel.get_parent("shell").get("metadata", {}).get("cellId")
    if cell is not None:
        _of_cell.setdefault(cell, []).append(view)


def clear(info: Any) -> None:
    """Let go of what a cell showed when it ran before; IPython calls this as `pre_run_cell`."""
    for view in _of_cell.pop(info.cell_id, ()):
        view.close()
