"""Models and runs that earlier versions have kept are read, and give the scores that they gave.

A new format gets files of its own here, made by `python -m tests.saving.test_frozen`; the old ones stay for ever.
"""

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

import recmagic
from recmagic import Model
from recmagic.saving.model import FORMAT
from tests.compiler.tiny import data
from tests.compression.models import many

FROZEN = Path(__file__).parent / "frozen"
CELL = """# every kind of column
item = concat(embedding(item_id, 4), embedding(words(title), 3), embedding(buckets(price, 3), 2), embedding(genres, 2))
past = history(item, 4) >> GRU(4)
user = concat(embedding(user_id, 4), embedding(country, 2), number(age), past) >> Dense(4)
score = user @ (item >> Dense(4))
loss = BPR()
"""
FORMATS = range(1, FORMAT + 1)
PARTS = "score = embedding(user_id, 8) @ embedding(item_id, 8) + bias(item_id)\nloss = BPR()"  # whose tables are cut


def scores(model):
    return model.predict(np.repeat(range(24), 16), np.tile(range(16), 24))


def told(number, what):
    return json.loads((FROZEN / f"format_{number}{what}.json").read_text())


@pytest.mark.parametrize("number", FORMATS)
def test_a_model_of_each_format_gives_the_scores_that_it_gave(number):
    model = recmagic.load(FROZEN / f"format_{number}.zip")
    assert model.text.startswith("# every kind of column") or "pq=4" in model.text
    assert model.trained and len(model.history.epochs) == 1
    np.testing.assert_allclose(scores(model), told(number, ""), atol=1e-4)


@pytest.mark.parametrize("number", FORMATS)
def test_a_hybrid_of_a_cell_and_a_solved_model_does_so_too(number):
    model = recmagic.load(FROZEN / f"format_{number}_blend.zip")
    assert list(model.program.parts) == ["cell", "knn"]
    np.testing.assert_allclose(scores(model), told(number, "_blend"), atol=1e-4)


@pytest.mark.skipif(os.environ["KERAS_BACKEND"] != "jax", reason="the runs that are kept here were on JAX")
@pytest.mark.parametrize("number", FORMATS)
def test_a_run_of_each_format_goes_on(number, tmp_path):
    kept = shutil.copytree(FROZEN / f"format_{number}_run", tmp_path / "kept")
    model = Model.read(CELL, data(), name="frozen")
    model.train(resume=True, epochs=3, checkpoint=kept)
    assert len(model.history.epochs) == 3
    np.testing.assert_allclose(scores(model), told(number, "_run"), atol=1e-4)


def freeze(model, what):
    (FROZEN / f"format_{FORMAT}{what}.json").write_text(json.dumps([round(float(each), 6) for each in scores(model)]))
    return FROZEN / f"format_{FORMAT}{what}.zip"


if __name__ == "__main__":
    FROZEN.mkdir(exist_ok=True)
    assert FORMAT == 3, "the old ones stay as they are"
    made = Model.read(CELL, data(), name="frozen")
    made.train(epochs=1)
    knn = Model.read("score = ItemKNN(5)", data(), name="knn")
    knn.train()
    cell = Model.over(made.program, "cell")
    cell.trained = True
    hybrid = recmagic.blend(cell, knn, weights=(0.7, 0.3))
    hybrid.save(freeze(hybrid, "_blend"))
    parts = Model.read(PARTS, many(), name="frozen")
    parts.train(epochs=1)
    smaller = parts.compress(pq=4, quantize="int8", epochs=0, name="frozen")  # what format 3 added
    smaller.save(freeze(smaller, ""))
    made.train(epochs=2, checkpoint=FROZEN / f"format_{FORMAT}_run")
    made.train(epochs=3)
    freeze(made, "_run")
