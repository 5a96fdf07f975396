"""Models that earlier versions have saved are read, and give the scores that they gave.

A new format gets a file of its own here, made by `python -m tests.saving.test_frozen`; the old ones stay for ever.
"""

import json
from pathlib import Path

import numpy as np
import pytest

import recmagic
from recmagic import Model
from recmagic.saving.model import FORMAT
from tests.compression.models import many

FROZEN = Path(__file__).parent / "frozen"
CELL = "score = embedding(user_id, 8) @ embedding(item_id, 8) + bias(item_id)\nloss = BPR()"


def scores(model):
    return model.predict(np.repeat(range(24), 16), np.tile(range(16), 24))


@pytest.mark.parametrize("number", range(1, FORMAT + 1))
def test_a_model_of_each_format_gives_the_scores_that_it_gave(number):
    model = recmagic.load(FROZEN / f"format_{number}.zip")
    assert model.text.startswith("# every kind of column") or "pq=4" in model.text
    assert model.trained and len(model.history.epochs) == 1
    told = json.loads((FROZEN / f"format_{number}.json").read_text())
    np.testing.assert_allclose(scores(model), told, atol=1e-4)


if __name__ == "__main__":
    FROZEN.mkdir(exist_ok=True)
    assert FORMAT == 3, "the old ones stay as they are"
    made = Model.read(CELL, many(), name="frozen")
    made.train(epochs=1)
    made = made.compress(pq=4, quantize="int8", epochs=0, name="frozen")  # what format 3 added
    made.save(FROZEN / f"format_{FORMAT}.zip")
    (FROZEN / f"format_{FORMAT}.json").write_text(json.dumps([round(float(each), 6) for each in scores(made)]))
