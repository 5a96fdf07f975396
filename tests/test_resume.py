"""A run that is stopped and gone on with ends as if it had never been stopped, to the last bit, and so does a rerun."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from recmagic.errors import TrainingError
from recmagic.model import Model
from recmagic.training.engine import Pace
from recmagic.training.events import Compiled, RunStarted
from tests.compiler.tiny import data

ROOT = Path(__file__).parents[1]
DEEP = """x = concat(embedding(user_id, 4), embedding(item_id, 4)) >> Dense(8, relu) >> Dropout(0.2)
score = x >> BatchNormalization() >> Dense(1, sigmoid)
optimizer = Adam(CosineDecay(0.05, 15))"""
AVERAGED = DEEP.replace("Adam(CosineDecay(0.05, 15))", "AdamW(0.05, use_ema=True, ema_momentum=0.8)")
SEQUENCE = """item = embedding(item_id, 4)
past = history(item, 5) >> PositionEmbedding() >> TransformerBlock(dropout=0.2, causal=True)
score = past @ item
negatives = uniform(3)
optimizer = Adam(0.05)"""
EPOCHS = 3
BATCHES = {DEEP: 32, AVERAGED: 32, SEQUENCE: 7}  # some whole ones and a short last one
CELLS = pytest.mark.parametrize("cell", [DEEP, AVERAGED, SEQUENCE], ids=["deep", "averaged", "sequence"])


class StopAtPoll:
    """Asks to stop when it has been asked a number of times."""

    def __init__(self, polls):
        self.polls, self.asked = polls, 0

    def is_set(self):
        self.asked += 1
        return self.asked > self.polls


def trained(cell, **options):
    model = Model.read(cell, data(), name="mine")
    train(model, **options)
    return model


def train(model, **options):
    model.train(epochs=EPOCHS, batch=BATCHES[model.text], patience=None, **options)


def learned(model):
    """All weights of a model, and its history but for the seconds."""
    rows = [{name: value for name, value in row.items() if name != "seconds"} for row in model.history.epochs]
    return model.program.cut.get_weights(), rows, model.history.best_epoch


def same_weights(first, second):
    return all((a == b).all() for a, b in zip(first[0], second[0]))


@pytest.fixture
def single_steps(monkeypatch):
    """Return a function after which every step is a chunk of its own."""
    def begin():
        monkeypatch.setattr(Pace, "__init__", lambda pace: setattr(pace, "steps", 1))
        monkeypatch.setattr(Pace, "learn", lambda pace, steps, seconds: None)

    return begin


@CELLS
def test_a_run_goes_on_as_if_it_had_not_been_stopped(cell, single_steps):
    model = trained(cell)
    chunked = learned(model)
    single_steps()
    polls = StopAtPoll(sys.maxsize)
    train(model, stop=polls)
    expected = learned(model)
    assert same_weights(expected, chunked) and polls.asked > 3 * EPOCHS
    for place in range(1, polls.asked - 1):  # within an epoch, at its end, after its validation
        train(model, stop=StopAtPoll(place))
        assert model.history.reason == "interrupted", place
        model.train(resume=True, patience=None)
        assert model.history.reason == "finished" and learned(model)[1:] == expected[1:], place
        assert same_weights(learned(model), expected), place


@CELLS
def test_a_run_goes_on_where_it_was_stopped_again_and_again(cell, single_steps):
    expected = learned(trained(cell))
    single_steps()
    model = trained(cell, stop=StopAtPoll(2))
    with pytest.raises(TrainingError, match="3 epochs behind it"):
        for _ in range(50):
            model.train(resume=True, patience=None, stop=StopAtPoll(1))
    assert same_weights(learned(model), expected)
    assert [row["loss"] for row in model.history.epochs] == pytest.approx([row["loss"] for row in expected[1]])


def test_what_was_stopped_before_its_first_step_changes_nothing():
    model = trained(DEEP)
    before, history = learned(model), model.history
    model.train(seed=9, stop=StopAtPoll(0))
    assert same_weights(learned(model), before) and model.history is history
    assert model.program.seed == 0
    with pytest.raises(TrainingError, match="was not stopped in the middle of a run"):
        model.train(resume=True)


def test_what_was_interrupted_before_its_first_step_changes_nothing():
    def interrupt(event):
        if isinstance(event, RunStarted):
            raise KeyboardInterrupt

    model = trained(DEEP)
    before, history = learned(model), model.history
    with pytest.raises(KeyboardInterrupt):
        model.train(seed=9, listen=interrupt)
    assert same_weights(learned(model), before) and model.history is history


@CELLS
def test_a_second_run_of_the_same_shapes_compiles_nothing(cell):
    told = []
    model = trained(cell, listen=told.append)
    assert any(isinstance(each, Compiled) for each in told) and model.history.compile_seconds > 0
    told.clear()
    train(model, seed=1, listen=told.append)
    assert not any(isinstance(each, Compiled) for each in told) and model.history.compile_seconds == 0


IN_A_PROCESS = """
import hashlib
from tests.test_resume import DEEP, SEQUENCE, learned, trained
for cell in (DEEP, SEQUENCE):
    print(hashlib.sha256(b"".join(each.tobytes() for each in learned(trained(cell))[0])).hexdigest())
"""


def test_one_seed_gives_one_model_in_every_process():
    found = set()
    for hashes in ("1", "2"):
        done = subprocess.run([sys.executable, "-c", IN_A_PROCESS], cwd=ROOT, capture_output=True, text=True,
                              env={**os.environ, "PYTHONHASHSEED": hashes})
        assert done.returncode == 0, done.stderr[-2000:]
        found.add(done.stdout)
    assert len(found) == 1 and len(found.pop().split()) == 2
