"""`propagate(own, other)`: scores are those of LightGCN by plain matrices, and the graph is the training part's."""

import numpy as np
import pytest
from keras import ops

from recmagic import backends
from recmagic.compiler.scorer import CutScorer
from recmagic.compiler.training_graph import graph_arrays
from recmagic.data.split import TRAIN
from recmagic.errors import SpecError
from recmagic.model import Model
from tests.compiler.tiny import compiled, data

CELL = """user = embedding(user_id, 4)
item = embedding(item_id, 4)
score = propagate(user, item, layers=2) @ propagate(item, user, layers=2)
loss = BPR()
"""


def adjacency():
    """The normalised adjacency of users and items by the codes of their ids, counted from the training part."""
    events = data().interactions
    users, items = data().users.columns["user_id"], data().items.columns["item_id"]
    has = np.zeros((users.size, items.size))
    for row, item, part, positive in zip(events.user_row, events.item_row, events.part, events.positive):
        if part == TRAIN and positive:
            has[users.values[row], items.values[item]] = 1
    size = len(has) + has.shape[1]
    matrix = np.zeros((size, size))
    matrix[: len(has), len(has) :] = has
    matrix += matrix.T
    degree = np.maximum(matrix.sum(1), 1)
    return matrix / np.sqrt(np.outer(degree, degree)), len(has)


def test_scores_are_those_of_plain_matrices():
    program = compiled(CELL)
    random = np.random.default_rng(3)
    tables = {}
    for variable in program.cut.trainable_variables:
        values = random.normal(size=variable.shape)
        values[0] = 0
        variable.assign(values)
        tables["user" if variable.path.startswith("user") else "item"] = values
    matrix, users = adjacency()
    both = np.concatenate([tables["user"], tables["item"]])
    final = (both + matrix @ both + matrix @ matrix @ both) / 3
    rows = np.arange(1, data().users.count + 1, dtype=np.int32)
    scorer = CutScorer(program.functions, backends.current(), data(), [TRAIN])
    found = ops.convert_to_numpy(scorer.score(rows))
    codes = data().users.columns["user_id"].values[rows], data().items.columns["item_id"].values[1:]
    expected = final[:users][codes[0]] @ final[users:][codes[1]].T
    np.testing.assert_allclose(found[:, 1:], expected, atol=1e-4)
    assert not scorer.ranks_cold and len(tables) == 2


def test_neither_validation_nor_test_is_in_the_graph():
    events = data().interactions
    arrays = graph_arrays(data())
    users, items = data().users.columns["user_id"].values, data().items.columns["item_id"].values
    trained = {(users[row], items[item]) for row, item, part, positive in
               zip(events.user_row, events.item_row, events.part, events.positive) if part == TRAIN and positive}
    assert set(zip(arrays["graph/user"], arrays["graph/item"])) == trained
    assert len(arrays["graph/user"]) == len(trained) < len(events)


def test_it_trains_and_takes_more_rows_in():
    model = Model.read(CELL + "optimizer = Adam(0.05)", data(), name="gcn")
    history = model.train(epochs=5, batch=32)
    assert history.epochs[-1]["loss"] < history.epochs[0]["loss"]
    assert "collaborative" in repr(model) and len(model.recommend(k=3).df) == 72
    from tests.compiler.tiny import tables

    model.update(tables()[0].head(4).assign(item_id=99), epochs=1)
    assert 99 in set(model.recommend(k=17, include_seen=True).df.item_id)


@pytest.mark.parametrize("line, message", [
    ("score = propagate(user, user) @ item", "propagate takes a vector of each side"),
    ("score = propagate(user >> Dense(4), item) @ item", "propagate takes embeddings of ids"),
    ("score = propagate(user, embedding(item_id, 5)) @ item", "Both tables must be of one width"),
    ("score = propagate(embedding(country, 4), item) @ item", "propagate takes embeddings of ids"),
    ("score = mean(history(propagate(item, user), 3)) @ item", "cannot stand inside a history"),
    ("score = propagate(user, item, layers=0) @ item", "The number of propagations is a whole number from 1 to 100"),
])
def test_what_it_cannot_propagate_is_named(line, message):
    with pytest.raises(SpecError, match=message):
        compiled(CELL.replace("score = propagate(user, item, layers=2) @ propagate(item, user, layers=2)", line))
