"""Which cells are retrieval models, and that a score is the same number whichever way it is computed."""

import keras
import numpy as np
import pytest

from recmagic import backends
from recmagic.compiler import cut as cutting
from recmagic.compiler.scorer import CutScorer
from recmagic.data.split import TRAIN
from tests.compiler.tiny import compiled, data

SIDES = "user = embedding(user_id, 4)\nitem = concat(embedding(item_id, 4), embedding(genres, 2)) >> Dense(4)\n"
ROWS = np.arange(25, dtype=np.int32)

RETRIEVAL = [
    "user @ item",
    "item @ user",
    "user @ item + bias(user_id) + bias(item_id) + bias()",
    "bias() + bias(user_id) + bias(item_id)",
    "bias(item_id) + number(age)",
    "user @ item + embedding(country, 3) @ embedding(item_id, 3)",
    "user @ item + user @ embedding(country, 4)",
    "user @ item + embedding(item_id, 2) @ embedding(genres, 2) + bias(user_id)",
    "(user >> Dense(8)) @ (item >> Dense(8, relu) >> Dense(8))",
    "mean(history(item, 3)) @ item",
    "mean(history(item, 3)) @ item + user @ item + bias(item_id)",
    "user @ item >> Activation(sigmoid)",
]
RANKING = [
    "concat(user, item) >> Dense(4, relu) >> Dense(1)",
    "user * item >> Dense(1)",
    "(user + item) @ item",
    "user @ item + (user * item >> Dense(1))",
    "user @ item >> Dense(1, sigmoid)",
    "(user, item) >> FeatureCross() >> Dense(1)",
    "[user, item] >> DotInteraction() >> Dense(1)",
]


def shaken(score):
    program = compiled(SIDES + "score = " + score)
    random = np.random.default_rng(1)
    for variable in sorted(program.cut.trainable_variables, key=lambda each: each.path):
        variable.assign(random.normal(0, 0.7, variable.shape))
    return program


def scores(program, context=None):
    made = CutScorer(program.functions, backends.current(), program.data, [TRAIN], context)
    return np.asarray(made.score(ROWS))[:, 1:]


def through(layers, rows):
    for layer in layers:
        rows = layer(keras.ops.convert_to_tensor(rows, "float32"))
    return keras.ops.convert_to_numpy(rows)


@pytest.mark.parametrize("score", RETRIEVAL)
def test_a_sum_of_products_across_the_sides_is_retrieval_and_scores_as_the_general_way_does(score, monkeypatch):
    program = shaken(score)
    assert program.cut.retrieval
    expected = scores(program)
    monkeypatch.setattr(cutting, "retrieval_terms", lambda build, node: None)
    general = shaken(score)
    assert not general.cut.retrieval
    by_name = {layer.name: layer for made in program.build.layers.values() for layer in made}
    for layer in (layer for made in general.build.layers.values() for layer in made):
        assert all((a.numpy() == b.numpy()).all() for a, b in zip(layer.variables, by_name[layer.name].variables))
    np.testing.assert_allclose(scores(general), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("score", RANKING)
def test_what_is_mixed_pair_by_pair_is_ranking(score):
    assert not shaken(score).cut.retrieval


def test_a_name_hides_no_product():
    program = compiled(SIDES + "pair = user @ item\nown = bias(item_id)\nscore = pair + own")
    assert program.cut.retrieval


def test_a_ranking_score_is_that_of_the_pair_by_hand():
    program = shaken("concat(user, item) >> Dense(4, relu) >> Dense(1)")
    user, item = (program.build.layers[name] for name in ("user", "item"))
    hidden, top = program.build.layers["score"]
    items = data().column("item_id").values, data().column("genres").values
    genres = np.stack([np.asarray(item[1].embeddings)[codes[codes > 0]].mean(0) if codes.any() else np.zeros(2)
                       for codes in items[1]])
    vectors = through([item[2]], np.concatenate([np.asarray(item[0].embeddings)[items[0]], genres], axis=1))
    users = np.asarray(user[0].embeddings)[data().column("user_id").values[ROWS]]
    for place, vector in enumerate(users):
        pairs = np.concatenate([np.tile(vector, (len(vectors), 1)), vectors], axis=1)
        expected = through([hidden, top], pairs)[1:, 0]
        np.testing.assert_allclose(scores(program)[place], expected, rtol=1e-4, atol=1e-5)
        if place == 3:
            break


@pytest.mark.parametrize("score", ["user @ item", "concat(user, item) >> Dense(1)"])
def test_pairs_score_as_the_whole_catalogue_does(score):
    program = shaken(score)
    made = CutScorer(program.functions, backends.current(), program.data, [TRAIN])
    users, items = np.array([3, 1, 3, 0], np.int32), np.array([2, 5, 16, 1], np.int32)
    np.testing.assert_allclose(made.pairs(users, items), np.asarray(made.score(users))[np.arange(4), items], rtol=1e-5)


@pytest.mark.parametrize("blocks", [1, 7])
def test_blocks_change_no_score(blocks, monkeypatch):
    program = shaken("concat(user, item) >> Dense(1)")
    expected = scores(program)
    monkeypatch.setattr("recmagic.compiler.scorer.BLOCK", 4)
    monkeypatch.setattr("recmagic.compiler.scorer.PAIRS_AT_ONCE", 25 * blocks)
    np.testing.assert_allclose(scores(program), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("score", [
    "user * item >> Dense(1, sigmoid)",
    "user * item >> Dense(1, activation='sigmoid')",
    "user * item >> Dense(1) >> Activation(sigmoid)",
    "user * item >> top",
    "pair",
])
def test_a_sigmoid_that_ends_the_score_is_left_out_of_the_logit(score):
    lines = SIDES + "top = Dense(3, relu) >> Dense(1, sigmoid)\npair = user * item >> top\n"
    program = compiled(f"{lines}score = {score}")
    assert program.cut.sigmoid and program.learning.kind == "pointwise"
    last = next(layer for layer in program.cut.head.layers[::-1] if isinstance(layer, keras.layers.Dense))
    assert last.activation is keras.activations.linear


@pytest.mark.parametrize("score", [
    "user * item >> Dense(1)", "user * item >> Dense(1, relu)", "user @ item",
    "user * item >> Dense(4, sigmoid) >> Dense(1)",
])
def test_a_sigmoid_elsewhere_stays(score):
    program = compiled(SIDES + "score = " + score)
    assert not program.cut.sigmoid
    inner = [layer for made in program.build.layers.values() for layer in made if isinstance(layer, keras.layers.Dense)]
    assert any(layer.activation is keras.activations.sigmoid for layer in inner) == ("sigmoid" in score)


def test_under_a_regression_the_sigmoid_is_a_part_of_the_prediction():
    for line in ("loss = MeanSquaredError()", "target = rating"):
        program = compiled(SIDES + f"score = user * item >> Dense(1, sigmoid)\n{line}")
        assert not program.cut.sigmoid and program.learning.kind == "regression"
        assert scores(program).min() > 0 and scores(program).max() < 1


def test_context_is_the_queries_own():
    program = shaken("user @ item + embedding(device, 4) @ item")
    assert program.cut.retrieval and program.context_columns == ["log/device"]
    by_device = [scores(program, {"log/device": np.full(25, code, np.int32)}) for code in (1, 2)]
    table = np.asarray(program.build.layers["score"][0].embeddings)
    made = CutScorer(program.functions, backends.current(), program.data, [TRAIN],
                     {"log/device": np.full(25, 1, np.int32)})
    vectors = np.asarray(made.item_vectors()[0])[1:, 4:]  # the factors of the second product
    np.testing.assert_allclose(by_device[1] - by_device[0], np.tile(vectors @ (table[2] - table[1]), (25, 1)),
                               rtol=1e-3, atol=1e-4)
