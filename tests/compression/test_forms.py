"""Pruned, narrowed, factorised and hashed cells: exact shares, smaller shapes, and the scores they must keep."""

import numpy as np
import pytest

import recmagic
from recmagic import Model, backends
from recmagic.compiler.vocabulary import vocabulary
from recmagic.compression import sparse
from recmagic.compression.account import DISK, MEMORY
from recmagic.compression.channels import Channels
from recmagic.compression.narrowing import narrowed
from recmagic.compression.pruning import schedule
from recmagic.errors import ModelError, SpecError
from recmagic.evaluation.metrics import WORDS
from recmagic.training.validation import validation
from tests.compiler.tiny import data
from tests.compression.models import PRODUCT, model_of, scores, weights_in


def test_the_schedule_is_that_of_the_paper():
    assert schedule(0.8, 4) == pytest.approx([0.8 * (1 - (1 - t / 4) ** 3) for t in (1, 2, 3, 4)])
    assert schedule(0.5, 3)[-1] == 0.5


@pytest.mark.parametrize("epochs", [0, pytest.param(2, marks=pytest.mark.slow)])
def test_pruned_shares_are_exact_on_disk_too(epochs, tmp_path):
    model = model_of("x = concat(embedding(user_id, 32), embedding(item_id, 32))\n"
                     "score = x >> Dense(32, relu) >> Dense(1)")
    made = model.compress(prune=0.8, epochs=epochs)
    for variable in made.program.cut.trainable_variables:
        value = variable.numpy()
        large = value.ndim == 2 and value.size > 0.01 * model.program.parameters
        assert (value == 0).sum() == round(0.8 * value.size) if large else value.all(), variable.path
    size, _ = weights_in(model.save(tmp_path / "whole"))
    small, _ = weights_in(made.save(tmp_path / "small"))
    assert size / small > 4 and made.account.value(DISK)[1] == small / 1000
    assert made.account.value(MEMORY)[0] == made.account.value(MEMORY)[1], "zeros take room in memory"
    np.testing.assert_array_equal(scores(recmagic.load(tmp_path / "small")), scores(made))


def test_training_that_makes_it_worse_is_taken_back():
    model = model_of(PRODUCT.format(width=8) + "\noptimizer = SGD(1e4)")  # one step, and nothing is left of a weight
    made, still = (model.compress(prune=0.5, epochs=epochs) for epochs in (2, 0))
    wanted = validation(still.program, backends.current())()["ndcg@10"]
    got = validation(made.program, backends.current())()["ndcg@10"]
    assert got >= wanted and got >= max(row["ndcg@10"] for row in made.history.epochs)


def test_the_smallest_weights_go_first():
    model = model_of(PRODUCT.format(width=8))
    table = np.abs(model.program.cut.trainable_variables[0].numpy())
    made = model.compress(prune=0.5, epochs=0)
    left = made.program.cut.trainable_variables[0].numpy()
    assert table[left == 0].max() <= table[left != 0].min()


@pytest.mark.slow
def test_pruned_and_quantised_weights_are_smaller_than_either(tmp_path):
    model = model_of(PRODUCT.format(width=64))
    made = {name: model.compress(epochs=0, **how) for name, how in {
        "both": {"prune": 0.8, "quantize": "int8"}, "pruned": {"prune": 0.8}, "bits": {"quantize": "int8"}}.items()}
    sizes = {name: weights_in(each.save(tmp_path / name))[0] for name, each in made.items()}
    assert sizes["both"] < min(sizes["pruned"], sizes["bits"]) / 1.5
    np.testing.assert_array_equal(scores(recmagic.load(tmp_path / "both")), scores(made["both"]))


def zeroed(model, dims):
    """Set some dimensions of every table of a model to zero."""
    for variable in model.program.cut.trainable_variables:
        if "embedding" in variable.path and variable.shape[1] > 1:
            value = variable.numpy().copy()
            value[:, dims] = 0
            variable.assign(value)
    return model


@pytest.mark.parametrize("cell", [
    PRODUCT.format(width=8),
    "score = (concat(embedding(user_id, 8), embedding(item_id, 8)) >> Dense(1)) + bias(item_id)",
    *(pytest.param(cell, marks=pytest.mark.slow) for cell in (
        "score = embedding(user_id, 8) * embedding(item_id, 8) >> Dense(1)",
        "each = fields(8)\nscore = each >> FactorizationMachine()",
        "past = mean(history(embedding(item_id, 8), 4))\n"
        "score = past @ embedding(item_id, 8) + embedding(user_id, 8) @ embedding(item_id, 8)")),
])
def test_taking_away_dimensions_that_are_zero_changes_no_score(cell):
    model = zeroed(model_of(cell), [1, 2, 4, 7])
    for variable in model.program.cut.trainable_variables:  # the row of a number's field
        if variable.path.endswith("kernel") and tuple(variable.shape) == (1, 8):
            variable.assign(variable.numpy() * [[1, 0, 0, 1, 0, 1, 1, 0]])
    made = model.compress(prune=0.5, structured=True, epochs=0)
    assert made.program.parameters < 0.6 * model.program.parameters
    assert {layer.output_dim for layer in made.program.layers if hasattr(layer, "output_dim")} <= {4, 1}
    np.testing.assert_allclose(scores(made), scores(model), atol=1e-5)


def test_units_that_say_nothing_are_taken_away():
    model = model_of("width = 4\nx = concat(embedding(user_id, width), embedding(item_id, width))\n"
                     "score = x >> Dense(6, relu) >> Dense(1)")
    into, out = (each for each in model.program.cut.trainable_variables if each.path.endswith("kernel"))
    into.assign(into.numpy() * [0, 1, 1, 0, 0, 1])
    out.assign(out.numpy() * [[0], [1], [1], [0], [0], [1]])
    bias = next(each for each in model.program.cut.trainable_variables if tuple(each.shape) == (6,))
    bias.assign(bias.numpy() * [0, 1, 1, 0, 0, 1])
    made = narrowed(model.program, 0.5, vocabulary(WORDS))
    layer = next(each for each in made.layers if each.name == "score-dense")
    np.testing.assert_array_equal(layer.bias.numpy(), bias.numpy()[[1, 2, 5]])
    rows = Channels(model.program).axes[id(into)][0]
    assert [axis.size for axis in rows] == [4, 4] and layer.kernel.shape == (4, 3)
    assert made.spec.text.startswith("width = 2\n") and "Dense(3, relu)" in made.spec.text


def test_heads_get_narrower_and_logits_keep_their_size():
    model = model_of("past = history(embedding(item_id, 8), 4) >> TransformerBlock(heads=2, causal=True) >> "
                     "LayerNormalization()\nscore = past @ embedding(item_id, 8)")
    made = narrowed(model.program, 0.5, vocabulary(WORDS))
    old, new = (next(each for each in of.layers if hasattr(each, "project")) for of in (model.program, made))
    assert new.project.kernel.shape == (4, 12) and new.inner.kernel.shape == (4, 4) and new.heads == 2
    of_old = old.project.bias.numpy()
    queries, keys = new.project.bias.numpy()[:4] * np.sqrt(2), new.project.bias.numpy()[4:8]
    kept = [int(np.flatnonzero(np.isclose(of_old[:8], each))[0]) for each in queries]
    assert sum(place < 4 for place in kept) == 2, "two of each head"
    np.testing.assert_allclose(keys, of_old[8:16][kept])


def test_a_layer_that_is_not_known_is_refused_with_its_place():
    model = model_of("x = concat(embedding(user_id, 8), embedding(item_id, 8))\n"
                     "score = (x, x) >> FeatureCross() >> Dense(1)")
    with pytest.raises(SpecError, match="What FeatureCross does with its dimensions"):
        model.compress(prune=0.5, structured=True)


def test_a_table_of_a_rank_keeps_its_scores():
    model, random = model_of(PRODUCT.format(width=16)), np.random.default_rng(0)
    for variable in model.program.cut.trainable_variables:
        variable.assign(random.normal(0, 1, (variable.shape[0], 3)) @ random.normal(0, 1, (3, 16)))
    made = model.compress(low_rank=3, epochs=0)
    np.testing.assert_allclose(scores(made), scores(model), atol=1e-4)
    assert made.program.parameters == (25 + 17) * 3 + 2 * 3 * 16 and "rank=3" in made.text
    with pytest.raises(ModelError, match="no smaller by rank=15"):
        model.compress(low_rank=15)


def test_hashed_rows_are_products_and_differ():
    model = Model.read("score = embedding(user_id, 4) @ embedding(item_id, 4, hashed=5)", data(), name="m")
    remainder, quotient = (next(each for each in model.program.layers if each.name == f"score-{kind}")
                           for kind in ("embedding_1", "quotient"))
    assert remainder.embeddings.shape == (6, 4) and quotient.embeddings.shape == (5, 4)
    random = np.random.default_rng(0)
    for layer in (remainder, quotient):
        layer.embeddings.assign(layer.embeddings.numpy() + random.normal(0, 1, layer.embeddings.shape) *
                                (np.arange(layer.input_dim) > 0)[:, None])
    model.trained = True
    found = model.embeddings("items").vectors
    one, two = remainder.embeddings.numpy(), quotient.embeddings.numpy()
    codes = np.arange(16)
    np.testing.assert_allclose(found, one[codes % 5 + 1] * two[codes // 5 + 1], rtol=1e-5)
    assert len({tuple(row) for row in found.round(5)}) == 16 and not one[0].any() and not two[0].any()


@pytest.mark.slow
def test_hashing_a_trained_model_trains_it_anew():
    model = model_of(PRODUCT.format(width=16))
    made = model.compress(hash=4, epochs=1)
    assert "hashed=4" in made.text and len(made.history.epochs) == 1
    assert made.program.parameters < model.program.parameters


@pytest.mark.parametrize("how, told", [
    ({}, "How should it get smaller"), ({"prune": 1.5}, "between 0 and 1"), ({"structured": True}, "nothing is pruned"),
    ({"quantize": "int3"}, "no weights of 'int3'"), ({"low_rank": 0}, "from 1 up"),
    ({"epochs": -1, "prune": 0.5}, "-1")])
def test_what_makes_no_sense_is_refused(how, told):
    with pytest.raises(ModelError, match=told):
        model_of(PRODUCT.format(width=4)).compress(**how)


def test_models_without_weights_of_ours_are_refused():
    solved = Model.read("score = EASE(10.0)", data(), name="t")
    solved.train()
    with pytest.raises(ModelError, match="cannot be made smaller itself"):
        solved.compress(quantize="int8")
    with pytest.raises(ModelError, match="Nothing in this model would be smaller"):
        model_of("score = bias(user_id) + bias(item_id)").compress(quantize="int8")


def test_most_zeros_lie_as_bits_and_anything_else_is_refused():
    value, arrays = np.zeros((30, 11), np.float32), {}
    value[3, 2], value[29, 10] = 1.5, -2
    sparse.put(arrays, "a", value)
    assert sum(each.nbytes for each in arrays.values()) == 42 + 8
    np.testing.assert_array_equal(sparse.whole(arrays, "a", 330).reshape(30, 11), value)
    assert sparse.whole(arrays, "a", 340) is None and sparse.whole(arrays, "b", 330) is None
    arrays["a/values"] = arrays["a/values"][:1]
    assert sparse.whole(arrays, "a", 330) is None
