"""A cut model keeps what every scorer must: retrieval, ranking, sequences, context."""

import numpy as np
import pytest

from recmagic import backends
from recmagic.data.dataset import Dataset
from recmagic.evaluation.predictions import predictions, scorer_for
from tests.compiler.tiny import compiled, tables
from tests.evaluation.conformance import ScorerConformance


class Conformance(ScorerConformance):
    cell = ""

    def scorer(self, data: Dataset):
        return scorer_for(compiled(self.cell, data), backends.current(), "test")


class TestRetrieval(Conformance):
    cell = "score = embedding(user_id, 4) @ embedding(item_id, 4) + bias(item_id)"


class TestRanking(Conformance):
    cell = "score = concat(embedding(user_id, 4), embedding(item_id, 4), embedding(genres, 2)) >> Dense(1)"


class TestSequence(Conformance):
    cell = "item = embedding(item_id, 4)\npast = history(item, 5) >> GRU(4, return_sequences=True)\nscore = past @ item"


class TestMixedSequence(Conformance):
    cell = ("item = embedding(item_id, 4)\npast = history(item, 5) >> GRU(4, return_sequences=True)\n"
            "score = past * item >> Dense(1)")


class TestContext(Conformance):
    cell = "score = (embedding(user_id, 4) + embedding(timestamp_weekday, 4)) @ embedding(item_id, 4)"


class TestSigmoid(Conformance):
    cell = "score = embedding(user_id, 4) * embedding(item_id, 4) >> Dense(1, sigmoid)"


def with_cold_ends():
    """The tiny data, where user 23 and item 15 appear after the training part only."""
    events, _, items = tables()
    events.loc[(events.user_id == 23) | (events.item_id == 15), "timestamp"] += 10**8
    return Dataset.load(events, items=items, split="time", types={"genres": "multi"})


@pytest.mark.parametrize("cell, known", [
    (TestRetrieval.cell, False),
    (TestRanking.cell, True),
    ("score = embedding(user_id, 4) @ embedding(genres, 4)", True),
])
def test_cold_items_are_ranked_where_more_than_their_id_is_known(cell, known):
    assert scorer_for(compiled(cell), backends.current(), "test").ranks_cold == known


def test_cold_ids_have_zero_vectors():
    data = with_cold_ends()
    user, item = data.users.rows([23]), data.items.rows([15])
    assert not data.users.warm[user[0]] and not data.items.warm[item[0]]
    program = compiled("score = embedding(user_id, 4) @ embedding(item_id, 4)", data)
    scorer = scorer_for(program, backends.current(), "test")
    assert not np.asarray(scorer.item_vectors()[0])[item].any()
    assert not np.asarray(scorer.score(user)).any()


def test_rows_are_predicted_in_their_own_context():
    program = compiled("score = embedding(user_id, 2) @ embedding(item_id, 2) + embedding(device, 1)\n"
                       "loss = MeanSquaredError()")
    factors = {layer.name: layer.embeddings for layer in program.build.layers["score"]}
    by_device = np.float32([[0], [1], [2], [3]])
    factors["score-embedding_2"].assign(by_device)
    for name in ("score-embedding", "score-embedding_1"):
        factors[name].assign(np.zeros(factors[name].shape))
    events = program.data.interactions
    rows = np.flatnonzero(events.part == 2)
    scorer = scorer_for(program, backends.current(), "test")
    found = predictions(program, scorer)(rows)
    np.testing.assert_allclose(found, by_device[events.columns["device"].values[rows], 0])
