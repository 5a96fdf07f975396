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
from tests.compiler.tiny import data

FROZEN = Path(__file__).parent / "frozen"
CELL = """# every kind of column
item = concat(embedding(item_id, 4), embedding(words(title), 3), embedding(buckets(price, 3), 2), embedding(genres, 2))
past = history(item, 4) >> GRU(4)
user = concat(embedding(user_id, 4), embedding(country, 2), number(age), past) >> Dense(4)
score = user @ (item >> Dense(4))
loss = BPR()
"""


def scores(model):
    return model.predict(np.repeat(range(24), 16), np.tile(range(16), 24))


@pytest.mark.parametrize("number", range(1, FORMAT + 1))
def test_a_model_of_each_format_gives_the_scores_that_it_gave(number):
    model = recmagic.load(FROZEN / f"format_{number}.zip")
    assert model.text.startswith("# every kind of column") and model.trained and len(model.history.epochs) == 1
    told = json.loads((FROZEN / f"format_{number}.json").read_text())
    np.testing.assert_allclose(scores(model), told, atol=1e-4)


if __name__ == "__main__":
    FROZEN.mkdir(exist_ok=True)
    made = Model.read(CELL, data(), name="frozen")
    made.train(epochs=1)
    made = made.compress(prune=0.8, quantize="int8", epochs=0, name="frozen")  # what format 2 added
    made.save(FROZEN / f"format_{FORMAT}.zip")
    (FROZEN / f"format_{FORMAT}.json").write_text(json.dumps([round(float(each), 6) for each in scores(made)]))
