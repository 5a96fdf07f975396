"""A run that is killed goes on from its checkpoint to bitwise the weights of one that was not, wherever it died."""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pytest

from recmagic import Model
from recmagic.errors import DataError, TrainingError
from recmagic.saving import store
from recmagic.training.events import EpochEnded
from tests.compiler.tiny import data

ROOT = Path(__file__).parents[2]
ALL = bool(os.environ.get("RECMAGIC_ALL"))
CELL = """x = concat(embedding(user_id, 4), embedding(item_id, 4)) >> Dense(8, relu) >> Dropout(0.2)
score = x >> BatchNormalization() >> Dense(1, sigmoid)
loss = BinaryCrossentropy()
negatives = uniform(2)
optimizer = Adam(CosineDecay(0.05, 60))"""
EPOCHS = 8
# A process that trains and keeps each epoch, and dies by its own hand at the n-th call of a function of the system.
TRAINER = """import os, signal, sys
from pathlib import Path
from recmagic import Model
from tests.compiler.tiny import data
from tests.saving.test_checkpoint import CELL, EPOCHS, digest

path, resume, name, count = sys.argv[1], sys.argv[2] == "resume", sys.argv[3], int(sys.argv[4])
if name != "none":
    theirs, calls = getattr(os, name), [0]
    def dying(*given, **named):
        calls[0] += 1
        if calls[0] == count:
            os.kill(os.getpid(), signal.SIGKILL)
        return theirs(*given, **named)
    setattr(os, name, dying)
model = Model.read(CELL, data(), name="mine")
print("ready", flush=True)
model.train(epochs=None if resume else EPOCHS, batch=16, patience=3, seed=7, checkpoint=path, resume=resume)
print(digest(model), flush=True)
"""


def digest(model):
    """Return a hash of all weights and of the history but for its seconds."""
    found = hashlib.sha256()
    for weight in model.program.cut.get_weights():
        found.update(np.ascontiguousarray(weight).tobytes())
    rows = [{name: float(value) for name, value in row.items() if name != "seconds"} for row in model.history.epochs]
    found.update(repr((rows, model.history.best_epoch, model.history.reason)).encode())
    return found.hexdigest()


def trainer(path, *, resume=False, dies="none", at=0):
    return subprocess.Popen([sys.executable, "-c", TRAINER, str(path), "resume" if resume else "anew", dies, str(at)],
                            cwd=ROOT, stdout=subprocess.PIPE, text=True)


def ended(process):
    lines = process.communicate(timeout=300)[0].split()
    return process.returncode, lines[-1] if lines else ""


@pytest.fixture(scope="module")
def whole():
    """What the run learns that nobody stops."""
    model = Model.read(CELL, data(), name="mine")
    model.train(epochs=EPOCHS, batch=16, patience=3, seed=7)
    return digest(model)


# Before the first checkpoint is whole, while the arrays and the document of a later one are written, and between them.
@pytest.mark.parametrize("dies, at", [("replace", 4), ("fsync", 5), ("fsync", 8), ("replace", 11), ("unlink", 2)])
def test_a_run_that_dies_while_it_writes_goes_on(dies, at, whole, tmp_path):
    code, _ = ended(trainer(tmp_path / "kept", dies=dies, at=at))
    assert code == -signal.SIGKILL
    code, found = ended(trainer(tmp_path / "kept", resume=True))
    assert code == 0 and found == whole


@pytest.mark.skipif(not ALL, reason="slow: runs with RECMAGIC_ALL=1")
def test_a_run_that_is_killed_at_any_moment_goes_on(whole, tmp_path):
    random, killed = np.random.default_rng(0), 0
    for number in range(50):
        path = tmp_path / f"kept{number}{'.zip' if number % 2 else ''}"
        process = trainer(path)
        process.stdout.readline()
        until = time.monotonic() + random.uniform(0, 4)
        while time.monotonic() < until and process.poll() is None:
            time.sleep(0.005)
        process.kill()
        process.wait()
        killed += process.returncode == -signal.SIGKILL
        code, found = ended(trainer(path, resume=path.exists()))
        assert code == 0 and found == whole, number
    assert killed > 25


def test_a_stop_within_an_epoch_is_kept_too(whole, tmp_path):
    class Later:
        asked = 0

        def is_set(self):
            self.asked += 1
            return self.asked > 3

    model = Model.read(CELL, data(), name="mine")
    model.train(epochs=EPOCHS, batch=16, patience=3, seed=7, checkpoint=tmp_path / "kept", stop=Later())
    other = Model.read(CELL, data(), name="other")
    other.train(resume=True, patience=3, checkpoint=tmp_path / "kept")
    assert digest(other) == whole


def test_the_best_epoch_before_the_stop_stays_the_best(whole, tmp_path):
    def copy(event):
        if isinstance(event, EpochEnded) and event.epoch == 7:  # what is kept is the end of epoch 6; the best was 5
            shutil.copytree(tmp_path / "kept", tmp_path / "copy")

    model = Model.read(CELL, data(), name="mine")
    model.train(epochs=EPOCHS, batch=16, patience=3, seed=7, checkpoint=tmp_path / "kept", listen=copy)
    assert model.history.best_epoch == 5
    other = Model.read(CELL, data(), name="other")
    other.train(resume=True, patience=3, checkpoint=tmp_path / "copy")
    assert digest(other) == whole


def test_another_model_and_none_are_refused(tmp_path):
    model = Model.read(CELL, data(), name="mine")
    model.train(epochs=1, batch=16, checkpoint=tmp_path / "kept")
    other = Model.read(CELL.replace("Dense(8", "Dense(9"), data(), name="other")
    with pytest.raises(TrainingError, match="of another model"):
        other.train(resume=True, checkpoint=tmp_path / "kept")
    with pytest.raises(DataError, match="no saved model"):
        model.train(resume=True, checkpoint=tmp_path / "nothing")
    solved = Model.from_zoo("Popularity", data(), name="solved")
    with pytest.raises(TrainingError, match="every 0 epochs"):
        model.train(checkpoint=tmp_path / "kept", every=0)
    with pytest.raises(TrainingError, match="--checkpoint has no use"):
        solved.train(checkpoint=tmp_path / "kept")


@pytest.mark.parametrize("change", [
    lambda document, arrays: arrays.update({"state/0": np.zeros(3, np.float32)}),
    lambda document, arrays: arrays.pop("state/0"),
    lambda document, arrays: document["position"].update(drawn={}),
    lambda document, arrays: document["position"].update(epoch="1"),
    lambda document, arrays: document["plan"].update(batch=[]),
    lambda document, arrays: document["position"].update(best=[0.5]),
    lambda document, arrays: document["position"].update(best=["0.5", 1]),
])
def test_a_forged_checkpoint_is_refused(change, tmp_path):
    model = Model.read(CELL, data(), name="mine")
    model.train(epochs=2, batch=16, checkpoint=tmp_path / "kept")
    document, arrays = store.read(tmp_path / "kept")
    change(document, arrays)
    store.write(tmp_path / "kept", document, arrays)
    other = Model.read(CELL, data(), name="other")
    with pytest.raises((DataError, TrainingError)):
        other.train(resume=True, epochs=9, checkpoint=tmp_path / "kept")
    assert not other.trained


def test_a_place_that_cannot_be_written_is_told_once_and_the_run_goes_on(whole, tmp_path):
    (tmp_path / "file").write_text("")
    model = Model.read(CELL, data(), name="mine")
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        model.train(epochs=EPOCHS, batch=16, patience=3, seed=7, checkpoint=tmp_path / "file" / "kept")
    assert digest(model) == whole
    assert len([each for each in told if "cannot be written" in str(each.message)]) == 1
    assert len(model.history.warnings) == 1 and "training goes on" in model.history._repr_html_()


def test_a_folder_that_vanishes_is_made_again(whole, tmp_path):
    def vanish(event):
        if isinstance(event, EpochEnded) and event.epoch == 3:
            (tmp_path / "kept").rename(tmp_path / "gone")

    model = Model.read(CELL, data(), name="mine")
    model.train(epochs=EPOCHS, batch=16, patience=3, seed=7, checkpoint=tmp_path / "kept", listen=vanish)
    assert digest(model) == whole and (tmp_path / "gone").exists() and (tmp_path / "kept").exists()
