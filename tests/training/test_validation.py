"""What an epoch is judged by: a metric's name is of rows beside a 0/1 target, of lists where a k comes with it."""

import numpy as np
import pytest

from recmagic import backends
from recmagic.data.interactions import PARTS
from recmagic.training.validation import validation, watched
from tests.compiler.tiny import compiled

FACTORS = "score = embedding(user_id, 4) @ embedding(item_id, 4)\n"


def test_rows_and_lists_are_told_apart_by_k():
    program = compiled(FACTORS + "target = at_least(rating, 3)\nmetrics = [precision(), precision(5), recall(), f1()]")
    found = validation(program, backends.current())()
    assert list(found) == ["precision", "precision@5", "recall", "f1"]
    ratings = program.data.interactions.rating[program.data.interactions.part == PARTS["valid"]]
    # Before training all scores are near 0 and all chances near one half, on either side of it.
    assert found["recall"] * np.sum(ratings >= 3) == pytest.approx(round(found["recall"] * np.sum(ratings >= 3)))
    assert found["f1"] == pytest.approx(2 / (1 / found["precision"] + 1 / found["recall"]))


@pytest.mark.parametrize("lines, label, higher", [
    ("", "ndcg@10", True), ("metrics = [precision()]", "precision@10", True),
    ("metrics = [recall(3)]", "recall@3", True),
    ("target = at_least(rating, 3)", "auc", True), ("target = at_least(rating, 3)\nmetrics = [f1()]", "f1", True),
    ("target = at_least(rating, 3)\nmetrics = [logloss(), f1(3)]", "logloss", False),
    ("target = rating", "rmse", False),
])
def test_the_first_metric_is_watched(lines, label, higher):
    assert watched(compiled(FACTORS + lines)) == (label, higher)
