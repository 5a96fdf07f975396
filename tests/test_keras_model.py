"""A Keras model of the user's own has the verbs that a cell has, and says where it cannot."""

from functools import cache

import keras
import numpy as np
import pandas as pd
import pytest

import recmagic
from recmagic.errors import ModelError
from tests.compiler.tiny import USERS, data, tables
from tests.training.brought import net, values

GIVEN = {"loss": "BPR()", "negatives": "uniform(2)", "optimizer": "Adam(0.05)"}


def past(room=0):
    """Scores an item by its likeness to the mean of the user's last three; tables have room for more items."""
    keras.utils.set_random_seed(0)
    item = keras.Input((), dtype="int32", name="item_id")
    history = keras.Input((3,), dtype="int32", name="history")
    table = keras.layers.Embedding(17 + room, 4)
    mean = keras.layers.GlobalAveragePooling1D()(table(history))
    return keras.Model([item, history], keras.layers.Dot(1)([mean, table(item)]))


@cache
def ready(kind="net"):
    """A trained model that no test changes."""
    model = recmagic.Model({"net": net, "past": past}[kind](), data(), **GIVEN, name="mine")
    model.train(epochs=2, batch=64)
    return model


def test_it_trains_evaluates_recommends_and_predicts():
    model = ready()
    assert model.trained and [*model.history.epochs[0]][:3] == ["epoch", "loss", "ndcg@10"]
    listed = model.recommend([3], k=16).df
    keras_model = model.program.keras_model
    codes = {"user_id": np.repeat(data().column("user_id").values[data().users.rows([3])], 16),
             "item_id": data().column("item_id").values[data().items.rows(range(16))]}
    chances = pd.Series(keras_model.predict(codes, verbose=0)[:, 0], index=range(16))
    expected = chances[listed.item_id].sort_values(ascending=False)
    assert listed.item_id.tolist() == expected.index.tolist()
    np.testing.assert_allclose(1 / (1 + np.exp(-listed.score)), expected, rtol=1e-4)
    np.testing.assert_allclose(model.predict([3] * 16, range(16)), chances, rtol=1e-4)
    report = model.evaluate(ready("past")).df
    assert "ndcg@10" in report and len(report.model.unique()) >= 2


def test_one_seed_gives_one_model_from_the_weights_it_came_with():
    own = net()
    start = values(own)
    model = recmagic.Model(own, data(), **GIVEN)
    model.train(epochs=2, batch=64, seed=3)
    first = values(own)
    model.train(epochs=1, batch=32, seed=4)
    history = model.train(epochs=2, batch=64, seed=3)
    assert all((a == b).all() for a, b in zip(first, values(own)))
    assert history.compile_seconds == 0  # the steps of that batch were compiled before
    model.train(epochs=2, batch=64, seed=5)
    assert not all((a == b).all() for a, b in zip(first, values(own)))
    model.program.redraw(0)
    assert all((a == b).all() for a, b in zip(start, values(own)))


def test_a_run_that_learned_nothing_changes_nothing():
    class Now:
        def is_set(self):
            return True

    own = net()
    for each in own.variables[:1]:
        each.assign(np.full(each.shape, 0.25))
    model = recmagic.Model(own, data(), **GIVEN)
    model.train(epochs=1)
    trained = values(own)
    assert not model.train(epochs=2, stop=Now()).epochs
    assert all((a == b).all() for a, b in zip(trained, values(own))) and len(model.history.epochs) == 1


def new_rows(item):
    return pd.DataFrame({"user_id": [1, 2, 3], "item_id": [0, 1, item], "rating": 5.0, "device": "tv", "minutes": 60.0,
                         "timestamp": [1_700_000_000 + n for n in range(3)]})


def test_an_update_goes_on_from_the_weights_where_the_tables_have_room():
    own = past(room=1)
    model = recmagic.Model(own, data(), **GIVEN)
    model.train(epochs=2, batch=64)
    before = values(own)[0]
    rate = recmagic.Model(own, data(), **{**GIVEN, "optimizer": "SGD(0.0)"})
    rate.train(epochs=1)  # starts from these weights, and its steps move nothing
    rate.update(new_rows(50), epochs=1)
    np.testing.assert_array_equal(values(own)[0], before)
    model.update(new_rows(50), epochs=1, batch=64)
    assert not (values(own)[0] == before).all()
    assert 50 in set(model.recommend([7], k=17).df.item_id)
    after = values(own)
    with pytest.raises(ModelError, match=r"codes of 'item_id', which go up to 18.*"):
        model.update(new_rows(51), epochs=1)
    assert all((a == b).all() for a, b in zip(after, values(own))) and 51 not in set(model.data.items.ids)
    model.train(epochs=1, seed=0)  # over all the data, from the weights that it came with
    assert model.data.items.count == 17


def test_an_update_without_room_is_refused():
    model = recmagic.Model(past(), data(), **GIVEN)
    model.train(epochs=1)
    with pytest.raises(ModelError, match=r"(?s)go up to 17.*data.column\(.item_id.\).size rows"):
        model.update(new_rows(50))
    model.update(new_rows(2), epochs=1)
    assert model.data.items.count == 16


def test_a_new_user_is_known_by_what_they_like():
    model = ready("past")
    listed = model.recommend(liked=[3, 5], k=16).df
    table = values(model.program.keras_model)[0]
    codes = data().column("item_id").values
    liked = (table[0] + table[codes[data().items.rows([3, 5])]].sum(0)) / 3  # the first of three steps is padding
    scores = pd.Series(table[codes[data().items.rows(range(16))]] @ liked, index=range(16)).drop([3, 5])
    assert listed.item_id.tolist() == scores.sort_values(ascending=False).index.tolist()
    with pytest.raises(ModelError, match="by their id only"):
        ready().recommend(liked=[3])


def test_what_needs_a_cells_text_says_why_it_cannot():
    for ask in (lambda: ready().text, lambda: ready().spec):
        with pytest.raises(ModelError, match="'mine' was not declared in a cell"):
            ask()
    with pytest.raises(ModelError, match=r"(?s)precision that it was built with.*set_dtype_policy"):
        ready().train(precision="mixed_bfloat16")


def test_what_it_is_is_in_the_fingerprint():
    first, again = (recmagic.Model(net(), data(), **GIVEN) for _ in range(2))
    warp = recmagic.Model(net(), data(), **{**GIVEN, "loss": "WARP()"})
    others = (warp, recmagic.Model(net(seed=1), data(), **GIVEN))
    assert first.fingerprint == again.fingerprint
    assert len({first.fingerprint, *(each.fingerprint for each in others)}) == 3


def test_a_repr_is_the_card():
    assert repr(ready()).startswith("Model mine on tiny: collaborative, ranking, ")
    assert "came with" in ready()._repr_html_() and ready().recommend(k=2).df.user_id.nunique() == USERS
    assert len(tables()[0]) == len(data().interactions)


def test_a_half_precision_policy_of_the_model_scales_the_loss():
    keras.config.set_dtype_policy("mixed_float16")
    try:
        own = net()
    finally:
        keras.config.set_dtype_policy("float32")
    model = recmagic.Model(own, data(), **GIVEN)
    assert isinstance(model.program.make_optimizer(), keras.optimizers.LossScaleOptimizer)
    assert np.isfinite(model.train(epochs=1, batch=64).epochs[0]["loss"])
