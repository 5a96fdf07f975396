"""The notebook that a magic works in: its namespace, and how it shows what is going on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from IPython.display import display

from recmagic.magics.interrupt import Stop


class LiveView(Protocol):
    """Listens to what goes on and shows it: in `widget`, or, where that is None, by itself."""

    widget: Any

    def __call__(self, *event: Any) -> None: ...

    def close(self) -> None: ...


@dataclass(frozen=True)
class Notebook:
    """IPython's shell, and a factory of live views.

    The factory is given what goes on ("training", "download"), whether the front end is a live one, and what asks a
    training to stop.
    """

    shell: Any
    view: Callable[[str, bool, Stop | None], LiveView]

    @property
    def namespace(self) -> dict[str, Any]:
        """The notebook's own variables."""
        return self.shell.user_ns

    @contextmanager
    def live(self, what: str, stop: Stop | None = None) -> Iterator[Callable[..., None]]:
        """Yield a listener whose events are shown from the first one on; at the end the view goes away again.

        What remains in the notebook is the result that the magic returns, so that a saved notebook is complete.
        """
        view: LiveView | None = None
        handle: Any = None

        def listen(*event: Any) -> None:
            nonlocal view, handle
            if view is None:
                view = self.view(what, hasattr(self.shell, "kernel"), stop)
                handle = display(view.widget, display_id=True) if view.widget is not None else None
            view(*event)
            attend()

        from recmagic.magics.attend import Attention  # zmq and asyncio: loading the extension must stay instant

        attend = Attention(getattr(self.shell, "kernel", None))
        try:
            yield listen
        finally:
            attend.close()
            if view is not None:
                view.close()
            if handle is not None:
                handle.update({"text/html": "", "text/plain": ""}, raw=True)
