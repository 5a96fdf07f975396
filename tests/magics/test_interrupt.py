"""The first press asks, the second insists, and the former handler always comes back."""

import os
import signal
import threading

import pytest

from recmagic.magics.interrupt import clean_stop


def press():
    os.kill(os.getpid(), signal.SIGINT)
    signal.sigpending()  # a system call, so that the handler runs now


def test_the_first_press_only_asks():
    former = signal.getsignal(signal.SIGINT)
    with clean_stop() as stop:
        assert not stop.is_set()
        press()
        assert stop.is_set()
    assert signal.getsignal(signal.SIGINT) is former


def test_the_second_press_insists():
    former = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt), clean_stop():
        press()
        press()
    assert signal.getsignal(signal.SIGINT) is former


def test_another_thread_gets_an_event_and_no_handler():
    seen = []

    def work():
        with clean_stop() as stop:
            seen.append((stop.is_set(), signal.getsignal(signal.SIGINT)))

    former = signal.getsignal(signal.SIGINT)
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [(False, former)]


def test_a_press_is_told_while_the_main_thread_is_in_compiled_code():
    wakes = signal.set_wakeup_fd(-1)
    signal.set_wakeup_fd(wakes)
    with clean_stop() as stop:
        told = threading.Event()
        stop.told = told.set
        timer = threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT))
        timer.start()
        assert told.wait(5) and stop.is_set()
    assert signal.set_wakeup_fd(wakes) == wakes
