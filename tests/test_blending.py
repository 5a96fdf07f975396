"""Hybrids of several models: a weighted sum of standardised scores, and a fallback for users little is known of."""

import numpy as np
import pytest

import recmagic
from recmagic import Dataset, Model, backends
from recmagic.data.split import TEST, TRAIN, VALID
from recmagic.errors import ModelError, TrainingError
from tests.compiler.tiny import data, tables

FACTORS = "score = embedding(user_id, 4) @ embedding(item_id, 4)\nloss = BPR()\noptimizer = Adam(0.05)"
PARTS = [TRAIN, VALID, TEST]


def trained(cell, name, of=None):
    model = Model.read(cell, of or data(), name=name)
    model.train(**({} if "EASE" in cell or "Popularity" in cell else {"epochs": 3, "batch": 32}))
    return model


@pytest.fixture(scope="module")
def models():
    return trained(FACTORS, "mf"), trained("score = EASE(5.0)", "ease")


def scores_of(model):
    users = np.arange(1, data().users.count + 1, dtype=np.int32)
    scores = model.program.scorer(backends.current(), PARTS).score(users)
    return np.array(scores if isinstance(scores, np.ndarray) else scores.__array__(), np.float64)[:, 1:]


def standardised(scores):
    return (scores - scores.mean(axis=1, keepdims=True)) / scores.std(axis=1, keepdims=True)


@pytest.mark.skipif(backends.current().name == "torch", reason="a tensor of a graph is no array")
def test_a_weighted_hybrid_adds_up_standardised_scores(models):
    both = recmagic.blend(*models, weights=(0.7, 0.3))
    expected = 0.7 * standardised(scores_of(models[0])) + 0.3 * standardised(scores_of(models[1]))
    listed = both.recommend(k=3, include_seen=True).df
    order = np.argsort(-expected, axis=1)[:, :3] + 1
    assert list(listed.item_id) == list(data().items.ids[order].ravel())
    np.testing.assert_allclose(listed.score, np.take_along_axis(expected, order - 1, axis=1).ravel(), atol=1e-4)
    pair = both.predict([data().users.ids[3]], [data().items.ids[7]])
    np.testing.assert_allclose(pair, expected[2, 6], atol=1e-4)


def test_a_weight_of_nothing_leaves_the_other_model(models):
    alone, both = models[0].recommend(k=5).df, recmagic.blend(*models, weights=(1, 0)).recommend(k=5).df
    assert list(both.item_id) == list(alone.item_id)


def test_a_switch_serves_those_who_have_little():
    events, users, items = tables()
    kept = events.groupby("user_id").cumcount() < 3 + events.user_id % 7  # from three rows to nine
    uneven = Dataset.load(events[kept], users=users, items=items, split="last", name="uneven")
    counts = uneven.interactions.seen(PARTS).getnnz(axis=1)
    border = 6
    assert {border - 1, border} < set(counts[1:])
    main, popular = trained(FACTORS, "mf", uneven), trained("score = Popularity()", "popular", uneven)
    found = recmagic.switch(main, popular, below=border).recommend(k=4).df
    expected = {True: popular.recommend(k=4).df, False: main.recommend(k=4).df}
    for row, user in enumerate(uneven.users.ids[1:], start=1):
        of = expected[bool(counts[row] < border)]
        assert list(found[found.user_id == user].item_id) == list(of[of.user_id == user].item_id)


def test_it_is_a_model_like_any_other(models):
    both = recmagic.blend(*models, name="both")
    assert "weighted hybrid" in repr(both) and "1 × mf + 1 × ease" in both._repr_html_()
    assert {"both", "mf"} <= set(both.evaluate(models[0]).df.model)
    assert both.fingerprint != recmagic.blend(*models, weights=(1, 2)).fingerprint
    assert "switching hybrid" in repr(recmagic.switch(*models))
    assert recmagic.compare(both, models[0]).rows


@pytest.mark.parametrize("make, error, message", [
    (lambda a, b: recmagic.blend(a), ModelError, "two or more models"),
    (lambda a, b: recmagic.blend(a, a), ModelError, "each with a name of its own"),
    (lambda a, b: recmagic.blend(a, b, weights=(1,)), ModelError, "2 models and 1 weights"),
    (lambda a, b: recmagic.blend(a, Model.read(FACTORS, data(), name="new")), ModelError, "'new' has not been trained"),
    (lambda a, b: recmagic.blend(a, trained(FACTORS, "far", data(split="random"))), ModelError, "on different data"),
    (lambda a, b: recmagic.blend(a, b).train(), TrainingError, "nothing to train of its own"),
    (lambda a, b: recmagic.blend(a, b).update(tables()[0].head(2)), ModelError, "Update its parts, mf, ease"),
    (lambda a, b: recmagic.blend(a, b).text, ModelError, "was not declared in a cell"),
])
def test_what_it_cannot_be_is_named(models, make, error, message):
    with pytest.raises(error, match=message):
        make(*models)
