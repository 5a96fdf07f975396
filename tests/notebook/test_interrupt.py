"""The toolbar's stop at every moment of a training and during %receval: what was learnt stays, and the model works.

Of the whole matrix, moments by backends, RECMAGIC_ALL=1 runs every case; else JAX's, and one of each other backend.
"""

import os
from importlib.util import find_spec

import pytest

from recmagic.backends import NAMES
from tests.notebook.kernel import Kernel

# What is on the page when stop is pressed (a quick epoch may go by unseen), how often, and how many epochs must be told
# by then at least.
MOMENTS = {
    "compile": ("an epoch begins", 1, 0),
    "chunk": (r"'epoch': [1-9]", 1, 0),
    "epochs": ("an epoch has ended", 1, 1),
    "validation": ("judging begins", 1, 1),
    "twice": (r"'epoch': ([3-9]|\d\d+)", 2, 2),
}
SAMPLED = {"torch": ("chunk",), "tensorflow": ("validation",)}
# A pause where the engine is to be met: a press that comes while Python sleeps is handled at once.
CALLBACKS = """import keras, threading, time
class Meet(keras.callbacks.Callback):
    def __init__(self, moment):
        super().__init__()
        self.moment = moment
    def on_epoch_begin(self, epoch, logs=None):
        if self.moment == "compile":  # what comes next; a thread of its own, for the main one is to be in it
            threading.Timer(0.3, print, ["an epoch begins"], {"flush": True}).start()
    def on_test_begin(self, logs=None):
        self.meet("validation", "judging begins")
    def on_epoch_end(self, epoch, logs=None):
        self.meet("epochs", "an epoch has ended")
    def meet(self, moment, text):
        if moment == self.moment:
            print(text, flush=True)
            time.sleep(0.4)"""
ALL = bool(os.environ.get("RECMAGIC_ALL"))
CASES = [(backend, moment) for backend in NAMES for moment in MOMENTS
         if ALL or backend == "jax" or moment in SAMPLED[backend]]


@pytest.fixture(scope="module")
def kernels(two_tower):
    """Return what gives the kernel of a backend, started when first asked for."""
    started = {}

    def of(backend):
        if find_spec(backend) is None:
            pytest.skip(f"{backend} is not installed")
        if backend not in started:
            started[backend] = Kernel(backend)
            for line in ("%load_ext recmagic", "%recdata films films --min-user 120", two_tower("m"), CALLBACKS):
                result = started[backend].run(line)
                assert not result.error, result.error
        return started[backend]

    yield of
    for each in started.values():
        each.close()


@pytest.mark.parametrize(("backend", "moment"), CASES)
def test_a_stop_keeps_what_was_learnt(kernels, two_tower, backend, moment):
    text, presses, epochs = MOMENTS[moment]
    kernel = kernels(backend)
    if moment == "compile":  # another model, for what is compiled stays so
        assert not kernel.run(two_tower("m").replace("width = 16", "width = 12")).error
    line = "history = %rectrain m --epochs 5000 --patience 5000 --callbacks $meet\nhistory"
    kernel.run(f"meet = [Meet('{moment}')]")
    stopped = kernel.run(line, interrupt_after=text, presses=presses)
    assert stopped.error == "" and "interrupted" in stopped.text, stopped
    told = int(kernel.run("len(history.epochs)").text)
    assert epochs <= told < 5000
    assert kernel.run("history.reason, m.trained").text == "('interrupted', True)"
    assert kernel.run("import numpy; numpy.isfinite(m.predict([42], m.data.items.ids[1:4])).all()").text in (
        "True", "np.True_"), "the model's weights are gone"
    assert not kernel.run("%recommend m --user 42 -k 3").error
    again = kernel.run("%rectrain m --epochs 2")
    assert again.text.startswith("History('m', 2 epochs"), again


@pytest.mark.parametrize("backend", NAMES if ALL else ["jax"])
def test_a_stopped_report_is_one_sentence_and_harms_no_model(kernels, backend):
    kernel = kernels(backend)
    assert not kernel.run("%rectrain m --epochs 1").error
    before = kernel.run("%receval m").text
    cell = "print('measuring', flush=True)\nfor _ in range(1000):\n    get_ipython().run_line_magic('receval', 'm')"
    stopped = kernel.run(cell, interrupt_after="measuring")
    assert stopped.ename in ("Stopped", "KeyboardInterrupt"), stopped
    kernel.run("import threading, signal, os")
    press = "threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT)).start()\n"
    stopped = kernel.run(press + cell)
    assert stopped.error.splitlines()[0].startswith("Stopped: %receval was stopped before it had a result"), stopped
    assert kernel.run("%receval m").text == before


def test_stop_is_pythons_own_again_afterwards(kernels):
    kernel = kernels("jax")
    kernel.run("import signal, time")
    assert kernel.run("signal.getsignal(signal.SIGINT) is signal.default_int_handler").text == "True"
    assert kernel.run("print('ready')\ntime.sleep(30)", interrupt_after="ready").ename == "KeyboardInterrupt"
