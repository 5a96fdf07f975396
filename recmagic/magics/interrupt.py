"""The stop button during training: the first press asks for a clean stop, the second insists."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


class Stop(threading.Event):
    """An event that is set when a stop is asked for; `told` is then called at once, never in the main thread."""

    def __init__(self) -> None:
        super().__init__()
        self.told: Callable[[], None] = lambda: None

    def press(self) -> None:
        """Ask for a stop, from another thread than the main one: a button's callback is called in one."""
        self.set()
        self.told()


@contextmanager
def clean_stop() -> Iterator[Stop]:
    """Yield an event that the first SIGINT sets; a second one raises KeyboardInterrupt.

    A KeyboardInterrupt inside a compiled step would lose the model, because the step's buffers were given away. Python
    lets only the main thread handle signals, so elsewhere the event is set by its button alone. The former handler
    comes back at the end, whatever happens.
    """
    stop, presses = Stop(), 0
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return

    def handle(number: int, frame: FrameType | None) -> None:
        nonlocal presses
        presses += 1
        if presses > 1:
            raise KeyboardInterrupt
        stop.set()  # and no more: the main thread may be in the middle of sending a message

    former = signal.signal(signal.SIGINT, handle)
    try:
        with _heard_at_once(stop.press):
            yield stop
    finally:
        signal.signal(signal.SIGINT, former)


@contextmanager
def _heard_at_once(press: Callable[[], None]) -> Iterator[None]:
    """Call `press` in another thread as soon as a SIGINT arrives.

    Python's handler waits until the main thread is back from the compiled step; the system writes the signal's number
    to this socket without waiting.
    """
    ear, mouth = socket.socketpair()
    mouth.setblocking(False)
    former = signal.set_wakeup_fd(mouth.fileno(), warn_on_full_buffer=False)
    thread = threading.Thread(target=_listen, args=(ear, press), name="recmagic-stop", daemon=True)
    thread.start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(former)
        mouth.close()  # which ends the thread
        thread.join(1)
        ear.close()


def _listen(ear: socket.socket, press: Callable[[], None]) -> None:
    while number := ear.recv(1):
        if number[0] == signal.SIGINT:
            press()
