"""A saved model is the model: every cell of the zoo, hybrids, updated data, odd columns, and another backend."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest

import recmagic
from recmagic import Dataset, Model
from recmagic.errors import DataError, ModelError
from recmagic.training.history import History
from tests.compiler.tiny import data, tables
from tests.zoo.cells import SOLVED, TRAINED

ROOT = Path(__file__).parents[2]
CELL = """
x = concat(embedding(user_id, 4), embedding(country, 2), number(age), embedding(item_id, 4),
           embedding(words(title), 3), mean(history(embedding(tokens(title, 3), 2) >> GlobalMaxPooling1D(), 4)),
           embedding(buckets(price, 3), 2), embedding(genres, 2), embedding(device, 2), number(minutes))
score = x >> BatchNormalization() >> Dropout(0.1) >> Dense(1)
loss = BinaryCrossentropy()
target = at_least(rating, 4)
"""


def shaken(program):
    """Give every variable other numbers than the seed's, as training does."""
    random = np.random.default_rng(1)
    for variable in program.cut.variables:
        if str(variable.dtype).startswith("float"):
            variable.assign(variable.numpy() + random.uniform(0.1, 0.5, variable.shape))
    program.as_drawn = False


def model_of(cell, of, name="m"):
    model = Model.read(cell, of, name=name)
    shaken(model.program)
    model.trained = True
    return model


def lists(model):
    context = {"device": "tv", "minutes": 50.0} if model.program.context_columns else None
    return model.recommend(k=6, context=context).df


def assert_same(loaded, model):
    assert loaded.fingerprint == model.fingerprint and loaded.data.fingerprint == model.data.fingerprint
    assert loaded.data.users.frame.dtypes.equals(model.data.users.frame.dtypes)
    pd.testing.assert_frame_equal(lists(loaded), lists(model))


@pytest.mark.parametrize("name", sorted({*TRAINED, *SOLVED} - {"IALS"}))
def test_every_cell_of_the_zoo_comes_back(name, tmp_path):
    model = Model.from_zoo(name, data(), name=name)
    if name in SOLVED:
        model.train()
    else:
        shaken(model.program)
        model.trained = True
    loaded = recmagic.load(model.save(tmp_path / "kept"))
    assert (loaded.name, loaded.trained, loaded.text) == (name, True, model.text)
    assert_same(loaded, model)


@pytest.mark.parametrize("path", ["kept", "kept.zip"])
def test_columns_of_every_kind_and_layers_with_states_come_back(path, tmp_path):
    model = model_of(CELL, data())
    loaded = recmagic.load(model.save(tmp_path / path))
    assert_same(loaded, model)
    a_new = {"age": 44.0, "country": "pt"}
    assert loaded.data.encode_user(a_new)["age"] == model.data.encode_user(a_new)["age"]


def test_the_history_comes_back_and_training_goes_on(tmp_path):
    model = Model.from_zoo("TwoTower", data(), name="m")
    model.train(epochs=2, batch=64)
    model.history.epochs[0]["loss"] = float("nan")
    loaded = recmagic.load(model.save(tmp_path / "kept"))
    assert isinstance(loaded.history, History) and repr(loaded.history) == repr(model.history)
    assert np.isnan(loaded.history.epochs[0]["loss"]) and loaded.history.epochs[1] == model.history.epochs[1]
    assert loaded.train(epochs=2, batch=64).epochs[1]["loss"] == model.history.epochs[1]["loss"]


def test_a_model_of_updated_data_keeps_its_codes(tmp_path):
    model = Model.read(CELL.replace("embedding(device, 2), number(minutes)", "bias(item_id)"), data(), name="m")
    model.train(epochs=1)
    events, _, _ = tables()
    fresh = {"title": "words nobody has read", "price": 900.0}  # learnt anew, both would change the codes of all
    model.update(events.head(2).assign(user_id=99, item_id=[3, 77], **fresh), epochs=1)
    assert_same(recmagic.load(model.save(tmp_path / "kept")), model)


@pytest.mark.parametrize("below", [None, 3])
def test_a_hybrid_comes_back(below, tmp_path):
    first, second = model_of("score = embedding(user_id, 4) @ embedding(item_id, 4)", data(), "mf"), \
        Model.from_zoo("ItemKNN", data(), name="knn")
    second.train()
    both = recmagic.blend(first, second, weights=[0.3, 0.7]) if below is None else \
        recmagic.switch(first, second, below=below)
    assert_same(recmagic.load(both.save(tmp_path / "kept")), both)


def test_odd_tables_come_back(tmp_path):
    events, _, items = tables()
    items = items.assign(
        when=pd.date_range("2020-01-01", periods=len(items)), few=pd.Categorical(["a", "b"] * 8),
        maybe=pd.array([1, None] * 8, dtype="Int64"), many=[["x", "y"], []] * 8, none=[None, "é\u202e"] * 8)
    of = Dataset.load(events.assign(item_id="i" + events.item_id.astype(str)),
                      items=items.assign(item_id="i" + items.item_id.astype(str)), split="last")
    model = model_of("score = embedding(user_id, 4) @ embedding(item_id, 4)", of)
    loaded = recmagic.load(model.save(tmp_path / "kept"))
    assert loaded.data.fingerprint == of.fingerprint
    assert lists(loaded).astype(str).equals(lists(model).astype(str))


def test_saving_again_takes_the_place_of_the_old(tmp_path):
    model = model_of("score = embedding(user_id, 4) @ embedding(item_id, 4)", data())
    model.save(tmp_path / "kept")
    shaken(model.program)
    assert_same(recmagic.load(model.save(tmp_path / "kept")), model)
    assert len(list((tmp_path / "kept").iterdir())) == 2


def test_a_keras_model_is_refused(tmp_path):
    user, item = keras.Input((), name="user_id", dtype="int32"), keras.Input((), name="item_id", dtype="int32")
    table = keras.layers.Embedding(99, 4)
    brought = Model(keras.Model([user, item], keras.layers.Dot(1)([table(user), table(item)])), data())
    with pytest.raises(ModelError, match=r"its own save"):
        brought.save(tmp_path / "kept")
    with pytest.raises(DataError, match="no saved model"):
        recmagic.load(tmp_path / "kept")


OTHER = """import sys, numpy as np, recmagic
model = recmagic.load(sys.argv[1])
users, items = np.repeat(range(24), 16), np.tile(range(16), 24)
np.save(sys.argv[2], model.predict(users, items, context=dict(device="tv", minutes=9.0)))
"""


@pytest.mark.parametrize("backend", ["jax", "torch", "tensorflow"])
def test_another_backend_gives_the_same_scores(backend, tmp_path):
    if find_spec(backend) is None or backend == keras.backend.backend():
        pytest.skip(f"{backend} is this process's own, or not installed here")
    model = model_of(CELL, data())
    path = model.save(tmp_path / "kept.zip")
    subprocess.run([sys.executable, "-c", OTHER, path, tmp_path / "scores.npy"], check=True, cwd=ROOT, timeout=300,
                   env={**os.environ, "KERAS_BACKEND": backend})
    users, items = np.repeat(range(24), 16), np.tile(range(16), 24)
    mine = model.predict(users, items, context={"device": "tv", "minutes": 9.0})
    np.testing.assert_allclose(np.load(tmp_path / "scores.npy"), mine, atol=1e-4)
