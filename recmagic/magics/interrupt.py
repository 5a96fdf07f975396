"""The stop button during training: the first press asks for a clean stop, the second insists."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def clean_stop() -> Iterator[threading.Event]:
    """Yield an event that the first SIGINT sets; a second one raises KeyboardInterrupt.

    A KeyboardInterrupt inside a compiled step would lose the model, because the step's buffers were given away. Python
    lets only the main thread handle signals, so elsewhere the event is simply never set. The former handler comes back
    at the end, whatever happens.
    """
    stop = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return

    def handle(number: int, frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    former = signal.signal(signal.SIGINT, handle)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, former)
