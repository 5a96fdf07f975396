"""One run at a time keeps itself in a place; another one, of this notebook or of the next, is told so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from recmagic.errors import TrainingError

try:
    import fcntl
except ImportError:  # Windows, where nobody is told
    fcntl = None  # type: ignore[assignment]


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold a place for one run; TrainingError where another one holds it.

    The system lets go of it when the process ends, however it ends. A place that cannot be written is not held: the run
    says so when it keeps itself.
    """
    lock = path.parent / f".{path.name}.lock"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = lock.open("a")
    except OSError:
        yield
        return
    with file:
        try:
            if fcntl is not None:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise TrainingError(f"Another run keeps itself in {path} at this moment.",
                                "Give this one a place of its own: to=ANOTHER_FOLDER.") from None
        except OSError:  # a file system without locks
            pass
        yield
