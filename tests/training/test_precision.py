"""Numbers of 16 bits inside layers: what is learned is nearly the same, and nothing outside them changes."""

from functools import cache

import keras
import numpy as np
import pytest

from recmagic import backends
from recmagic.compiler.feeds import Rows
from recmagic.compiler.precision import PRECISIONS
from recmagic.data.dataset import Dataset
from recmagic.errors import ModelError
from recmagic.evaluation.predictions import scorer_for
from recmagic.model import Model
from tests.compiler.tiny import data
from tests.training.runs import parts

ITEM = "item = embedding(item_id, 8)\n"
CELLS = {
    "dot": "score = embedding(user_id, 8) @ embedding(item_id, 8) + bias(item_id)\nloss = BPR()\n",
    "dense": "x = concat(embedding(user_id, 8), embedding(genres, 8), number(price))\n"
             "score = x >> Dense(16, relu) >> BatchNormalization() >> Dense(1)\n"  # no dropout: 16 bits draw others
             "loss = BinaryCrossentropy()\ntarget = at_least(rating, 4)\n",
    "stars": "score = bias() + bias(user_id) + embedding(user_id, 4) @ embedding(item_id, 4)\n"
             "loss = MeanSquaredError()\n",
    "gru": ITEM + "past = history(item, 9) >> GRU(8, return_sequences=True) >> Dense(8)\nscore = past @ item\n",
    "transformer": ITEM + "past = history(item, 9) >> PositionEmbedding() >> TransformerBlock(heads=2, causal=True)\n"
                          "deep = past >> TransformerBlock(heads=2, causal=True)\n"
                          "score = deep @ item\nnegatives = catalogue()\n",
}


@cache
def trained(name, precision):
    model = Model.read(CELLS[name] + "optimizer = Adam(0.02)", data(), name=name)
    model.train(epochs=4, batch=16, precision=precision)
    return model


def losses(model):
    return [row["loss"] for row in model.history.epochs]


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("name", CELLS)
def test_the_loss_falls_as_with_32_bits(name, precision):
    found, expected = losses(trained(name, precision)), losses(trained(name, None))
    assert found[-1] < found[0]
    np.testing.assert_allclose(found, expected, rtol=0.03)


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("name", CELLS)
def test_weights_and_scores_have_32_bits_and_layers_16(name, precision):
    model = trained(name, precision)
    program = model.program
    kinds = {str(each.dtype) for each in program.cut.variables if "seed" not in each.path}
    assert kinds == {"float32"}
    assert str(program.cut.query_tower.output["vectors"][0].dtype) == precision.removeprefix("mixed_")
    scores = scorer_for(program, backends.current(), "test").score(np.array([1, 2], np.int32))
    assert np.asarray(keras.ops.convert_to_numpy(scores)).dtype == np.float32
    assert keras.config.dtype_policy().name == "float32"


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("name", CELLS)
def test_every_verb_works(name, precision):
    model = trained(name, precision)
    assert np.isfinite(model.predict([1, 2], [3, 4])).all()
    assert len(model.recommend([1], k=3).df) == 3
    if name != "stars":
        assert model.evaluate(k=5).df is not None


def test_training_again_is_as_asked_anew():
    model = Model.read(CELLS["dot"], data(), name="mine")
    model.train(epochs=1, precision="mixed_float16")
    assert model.program.precision == "mixed_float16"
    first = losses(model)
    model.train(epochs=1)
    assert model.program.precision is None and losses(model) != first


def test_scores_of_a_dot_product_are_not_rounded_to_16_bits():
    program = trained("dot", "mixed_bfloat16").program
    scores = scorer_for(program, backends.current(), "test").score(np.arange(1, 20, dtype=np.int32))
    scores = np.asarray(keras.ops.convert_to_numpy(scores))[:, 1:]
    rounded = np.asarray(keras.ops.convert_to_numpy(keras.ops.cast(keras.ops.cast(scores, "bfloat16"), "float32")))
    assert (scores != rounded).mean() > 0.5


def test_small_penalties_are_not_lost():
    cell = "score = embedding(user_id, 4, l2=0.5) @ embedding(item_id, 4)\nloss = BPR()"
    program = Model.read(cell, data()).program.anew(0, "mixed_float16")
    for variable in program.cut.trainable_variables:
        variable.assign(np.full(variable.shape, 1e-4, np.float32))
    arrays = backends.current().place(parts(program, 16)[0])
    penalty = program.cut.queries(arrays, Rows(np.arange(1, 5), np.arange(1, 5)), training=True).penalty
    np.testing.assert_allclose(keras.ops.convert_to_numpy(penalty)[:, 0], 0.5 * 4 * 1e-8, rtol=0.01)


def test_averages_of_weights_are_published_in_16_bits_too():
    cell = CELLS["dot"] + "optimizer = AdamW(0.02, use_ema=True, ema_momentum=0.9)"
    found = []
    for precision in (None, "mixed_float16"):
        model = Model.read(cell, data(), name="averaged")
        model.train(epochs=3, batch=16, precision=precision)
        found.append(model.program.cut.get_weights())
    for a, b in zip(*found):
        np.testing.assert_allclose(a, b, atol=0.01)


def test_an_unknown_precision_is_refused():
    model = Model.read(CELLS["dot"], data())
    with pytest.raises(ModelError, match="no precision 'bfloat16'") as caught:
        model.train(precision="bfloat16")
    assert caught.value.hint == "Did you mean mixed_bfloat16?"


@pytest.mark.slow
@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("cell", [
    "score = embedding(user_id, 16) @ embedding(item_id, 16) + bias(item_id)\nloss = BPR()\n",
    "item = embedding(item_id, 16)\npast = history(item, 20) >> PositionEmbedding() >> "
    "TransformerBlock(heads=2, causal=True)\nscore = past @ item\nnegatives = catalogue()\n",
], ids=["dot", "transformer"])
def test_lists_are_as_good(cell, precision):
    films, found = Dataset.load("films"), {}
    for each in (None, precision):
        model = Model.read(cell + "optimizer = Adam(0.01)", films, name="mine")
        model.train(epochs=4, precision=each)
        found[each] = model.evaluate().df.iloc[0]["ndcg@10"]
    assert found[precision] > 0.95 * found[None], found
