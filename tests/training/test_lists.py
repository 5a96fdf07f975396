"""Lists of a user's own rows: every row once an epoch, with rows of its user only, dealt anew each time."""

import numpy as np
import pandas as pd
import pytest

from recmagic.data.dataset import Dataset
from recmagic.errors import TrainingError
from recmagic.model import Model
from recmagic.training.lists import ListSampler
from tests.compiler.tiny import compiled, data
from tests.training.runs import parts, run

ROWS = {1: 7, 2: 1, 3: 4, 4: 2, 6: 13}  # rows a user; user 2 has one only


def sampler(length=4, batch=3):
    users = np.repeat(list(ROWS), list(ROWS.values())).astype(np.int32)
    return ListSampler(100 + np.arange(len(users), dtype=np.int32), users, batch, length, None)


def lists(made, seed=0):
    """The real rows of every list of an epoch."""
    found = []
    for block in made.blocks(np.random.default_rng(seed)):
        for step in range(block.steps):
            ends, real = (block.batches[name][step].reshape(-1, made.steps) for name in ("ends", "real"))
            assert len(ends) == block.batch and not ends[real == 0].any()
            found += [row[kept > 0] for row, kept in zip(ends, real)]
    return found


@pytest.mark.parametrize("length", [2, 4, 50])
@pytest.mark.parametrize("batch", [1, 3, 100])
def test_each_row_comes_once_among_rows_of_its_user(length, batch):
    users = np.repeat(list(ROWS), list(ROWS.values()))
    made = sampler(length, batch)
    found = lists(made)
    assert made.example_count == len(found) == sum(-(-rows // length) for rows in ROWS.values() if rows > 1)
    assert made.steps_per_epoch == -(-len(found) // batch)
    assert sorted(np.concatenate(found)) == [row for row in 100 + np.arange(27) if users[row - 100] != 2]
    for each in found:
        assert len(set(users[each - 100])) == 1 and 1 <= len(each) <= length


def test_lists_of_a_user_are_as_even_as_can_be():
    users = np.repeat(list(ROWS), list(ROWS.values()))
    sizes = {}
    for each in lists(sampler(4)):
        sizes.setdefault(users[each[0] - 100], []).append(len(each))
    assert {user: sorted(each) for user, each in sizes.items()} == {1: [3, 4], 3: [4], 4: [2], 6: [3, 3, 3, 4]}


def test_each_epoch_deals_anew_and_a_seed_deals_the_same():
    made, random = sampler(), np.random.default_rng(0)
    first, second = ({frozenset(each) for each in lists(made, random)} for _ in range(2))
    assert first != second
    assert all((a == b).all() for a, b in zip(lists(sampler(), 3), lists(sampler(), 3)))


CELL = "score = embedding(user_id, 8) @ embedding(item_id, 8)\noptimizer = Adam(0.05)\nloss = ListMLE(5)"


def test_the_order_is_learned_and_the_target_is_the_rating_by_default():
    program = compiled(CELL)
    losses = run(program, 60, 8)
    assert losses[-1] < 0.6 * losses[0]
    assert program.learning.target.text == "rating" and program.learning.metrics == (("ndcg", None),)


def test_a_batch_counts_lists():
    for asked, batch in ((8, 8), ("all", 48)):
        _, examples = parts(compiled(CELL), asked)  # 24 users with 7 training rows, 2 lists each
        assert (examples.batch, examples.steps, examples.example_count) == (batch, 5, 48)


def test_its_scores_put_items_in_order_and_are_no_ratings():
    model = Model.read(CELL, data())
    model.train(epochs=1)
    report = model.evaluate()
    assert "ndcg@10" in report.metrics and not {"rmse", "mae"} & set(report.metrics)


def test_nothing_to_put_in_order_is_said():
    events = pd.DataFrame({"user_id": [1, 2, 3, 4, 1], "item_id": [1, 2, 1, 2, 2], "rating": [1.0, 2, 3, 4, 5],
                           "split": ["train"] * 4 + ["test"]})
    with pytest.raises(TrainingError, match="no user has two training interactions"):
        parts(compiled(CELL, Dataset.load(events, split="file")), 8)
