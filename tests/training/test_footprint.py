"""What a run is said to need is about what it takes, and a run that could not fit does not start."""

import subprocess
import sys
from dataclasses import replace

import keras
import pytest

from recmagic import backends
from recmagic.backends.protocol import Device
from recmagic.errors import TrainingError
from recmagic.model import Model
from recmagic.training.events import RunStarted
from recmagic.training.footprint import footprint
from tests.compiler.tiny import compiled, data
from tests.training.runs import parts

FACTORS = "score = embedding(user_id, {width}) @ embedding(item_id, {width})\nloss = BPR()\n"
GROWTH = """
import keras, numpy as np, pandas as pd
from recmagic.data.dataset import Dataset
from recmagic.model import Model

def status(key):
    line = next(line for line in open("/proc/self/status") if line.startswith(key))
    return 1024 * int(line.split()[1])

random = np.random.default_rng(0)
users, items, each = {users}, {items}, {each}
events = pd.DataFrame({{"user": np.repeat(np.arange(users), each), "time": np.tile(np.arange(each), users),
                       "item": random.integers(0, items, users * each)}})
data = Dataset.load(events, user="user", item="item", time="time", split="last")
model = Model.read('''{cell}''', data)
keras.ops.convert_to_numpy(keras.ops.ones(3) + 1)  # what the framework takes for itself
open("/proc/self/clear_refs", "w").write("5")  # from here on the peak counts
before, needs = status("VmRSS"), []
model.train(epochs=2, listen=lambda event: needs.append(getattr(event, "needs", 0)), batch={batch})
print(max(needs), status("VmHWM") - before)
"""
LIGHTGCN = """user = embedding(user_id, 64)
item = embedding(item_id, 64)
score = propagate(user, item) @ propagate(item, user)
loss = BPR()"""
SASREC = """item = embedding(item_id, 32)
past = history(item, 50) >> PositionEmbedding() >> TransformerBlock(heads=2, causal=True)
score = past @ item
negatives = catalogue()"""


@pytest.mark.skipif(keras.backend.backend() != "jax", reason="the figures are JAX's")
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the peak is read as Linux tells it")
@pytest.mark.parametrize("numbers", [
    {"cell": FACTORS.format(width=64), "users": 30_000, "items": 30_000, "each": 4, "batch": 4096},
    {"cell": SASREC, "users": 1000, "items": 3000, "each": 50, "batch": 128},
    {"cell": LIGHTGCN, "users": 3000, "items": 3000, "each": 30, "batch": 4096},
], ids=["factors", "sasrec", "lightgcn"])
def test_a_run_takes_about_what_it_is_said_to_need(numbers):
    run = subprocess.run([sys.executable, "-c", GROWTH.format(**numbers)], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    needs, grown = map(int, run.stdout.split())
    assert grown / 2 < needs < 2.5 * grown, f"said {needs / 1e6:.0f} MB, took {grown / 1e6:.0f} MB"


def needed(cell, batch=64):
    program = compiled(cell)
    return footprint(program, *parts(program, batch))


def test_more_needs_more():
    assert needed(FACTORS.format(width=64)) > needed(FACTORS.format(width=8))
    assert needed(SASREC, 24) > needed(SASREC, 4)
    assert needed(FACTORS.format(width=8) + "optimizer = Adam(0.1)") > needed(
        FACTORS.format(width=8) + "optimizer = SGD(0.1)")


def test_what_is_sent_along_the_edges_counts():
    program = compiled(LIGHTGCN)
    arrays, examples = parts(program, 64)
    edges = len(arrays["graph/user"])
    twice = arrays | {name: arrays[name].repeat(2) for name in ("graph/user", "graph/item", "graph/weight")}
    more = footprint(program, twice, examples) - footprint(program, arrays, examples)
    assert more >= 2 * 2 * edges * 64 * 4  # both ways, for both sides, in numbers of 4 bytes


def test_a_run_that_could_not_fit_does_not_start(monkeypatch):
    model, told = Model.read(FACTORS.format(width=4), data(), name="mine"), []
    small = replace(backends.current().device(), memory=1_000_000)
    monkeypatch.setattr(backends.current(), "device", lambda: small)
    with pytest.raises(TrainingError) as caught:
        model.train(epochs=1, listen=told.append)
    assert caught.value.message.startswith("The run needs about ") and "there are 1 MB here" in caught.value.message
    assert "--batch" in caught.value.hint and "width" in caught.value.hint
    assert not told and not model.trained
    monkeypatch.setattr(backends.current(), "device", lambda: Device("unknown", None))
    model.train(epochs=1, listen=told.append)
    assert isinstance(told[0], RunStarted) and told[0].memory is None
