"""A cell whose score is a scorer in closed form: fitted at once, and a model like any other."""

import numpy as np
import pytest

from recmagic.data.split import TEST, TRAIN, VALID
from recmagic.errors import ModelError, SpecError, TrainingError
from recmagic.model import Model
from recmagic.scorers import Log
from recmagic.scorers.ease import EASE
from tests.compiler.tiny import data, tables

CELL = "regularization = 3.0\nscore = EASE(regularization)"


def trained(cell=CELL, **options):
    model = Model.read(cell, data(), name="mine")
    model.train(**options)
    return model


def by_hand(parts):
    """EASE's scores (users + 1, items + 1) by plain numpy, fitted to what some parts hold."""
    log = Log.of(data().interactions, parts)
    matrix = np.zeros(log.shape)
    matrix[log.user_row, log.item_row] = 1
    inverse = np.linalg.inv(matrix[:, 1:].T @ matrix[:, 1:] + 3 * np.eye(log.shape[1] - 1))
    weights = inverse / -np.diag(inverse)
    np.fill_diagonal(weights, 0)
    return np.hstack([np.zeros((len(matrix), 1)), matrix[:, 1:] @ weights])


def test_it_lists_and_predicts_what_the_closed_form_gives():
    model, expected = trained(), by_hand([TRAIN, VALID, TEST])
    ids, items = data().users.ids, data().items.ids
    np.testing.assert_allclose(model.predict(ids[[1, 4, 1]], items[[2, 3, 5]]), expected[[1, 4, 1], [2, 3, 5]],
                               atol=1e-4)
    listed = model.recommend([ids[4]], k=3).df
    seen = data().interactions.seen([TRAIN, VALID, TEST]).toarray()[4]
    best = np.argsort(-np.where(seen[1:], -np.inf, expected[4, 1:]))[:3] + 1
    assert list(listed.item_id) == list(items[best])


def test_it_is_measured_with_what_came_before_the_part():
    found = trained().evaluate(k=5).df.set_index("model")
    scores, events = by_hand([TRAIN, VALID]), data().interactions
    gains = []
    for user in range(1, data().users.count + 1):
        wanted = events.item_row[(events.user_row == user) & (events.part == TEST)]
        scores[user, events.item_row[(events.user_row == user) & (events.part != TEST)]] = -np.inf
        best = np.argsort(-scores[user, 1:])[:5] + 1
        gains.append(sum(1 / np.log2(2 + place) for place, item in enumerate(best) if item in wanted))
    np.testing.assert_allclose(found.loc["mine", "ndcg@5"], np.mean(gains), atol=1e-6)


def test_a_new_user_is_known_by_what_they_like():
    listed = trained().recommend(liked=[data().items.ids[3]], k=15).df
    everything = Log.of(data().interactions, [TRAIN, VALID, TEST])
    log = Log(np.zeros(1, np.int32), np.array([3], np.int32), None, everything.shape)
    expected = EASE(3.0).fit(everything).knowing(log).score(np.array([0]))[0]
    order = [row for row in np.argsort(-expected) if row not in (0, 3)][:15]
    assert list(listed.item_id) == list(data().items.ids[order])


def test_the_history_has_one_epoch_and_no_loss():
    history = trained().history
    assert "loss" not in history.df and history.watched == "ndcg@10" and history.best_epoch == 1
    assert repr(history).startswith("History('mine', 1 epoch, best ndcg@10 0.")
    assert "closed-form" in repr(trained())


def test_it_takes_more_rows_in():
    model = trained()
    events = tables()[0].head(3).assign(item_id=99)
    model.update(events)
    assert 99 in set(model.recommend(k=16, include_seen=True).df.item_id)


@pytest.mark.parametrize("cell, message", [
    (CELL + "\nloss = BPR()", "EASE is solved at once, so 'loss' has no use"),
    ("score = EASE(regularization=-1.0)", "EASE refuses these settings: regularization is a number above 0"),
    ("score = EASE(rate=1.0)", "EASE has no 'rate'"),
])
def test_what_a_cell_may_not_say_beside_it(cell, message):
    with pytest.raises(SpecError, match=message):
        Model.read(cell, data())


@pytest.mark.parametrize("options, name", [({"memory": 10**6}, "memory"), ({"batch": 4}, "batch"),
                                           ({"precision": "mixed_float16"}, "precision")])
def test_options_without_use_are_refused(options, name):
    with pytest.raises(TrainingError, match=f"EASE is solved at once, so --{name} has no use"):
        trained(**options)


def test_one_that_is_not_fitted_says_so():
    with pytest.raises(ModelError, match="has not been trained"):
        Model.read(CELL, data()).recommend()
