"""What each word gives, by hand from the tables it looks up."""

import numpy as np
import pytest

from recmagic import backends
from recmagic.compiler.drop_ids import DropIds
from recmagic.compiler.scorer import CutScorer
from recmagic.data.split import TRAIN
from tests.compiler.tiny import compiled, data
from tests.training.runs import run


def vectors(cell):
    """The item vectors (17, width) of a cell whose score is `embedding(user_id, width) @ item`, and its layers."""
    program = compiled(cell)
    random = np.random.default_rng(1)
    for variable in program.cut.trainable_variables:
        variable.assign(random.normal(0, 0.7, variable.shape))
    scorer = CutScorer(program.functions, backends.current(), program.data, [TRAIN])
    return np.asarray(scorer.item_vectors()[0]), program


def tables(program, name="item"):
    return [np.asarray(layer.get_weights()[0]) for layer in program.build.layers[name]]


def masked_mean(table, codes):
    return np.stack([table[row[row > 0]].mean(0) if row.any() else np.zeros(table.shape[1]) for row in codes])


def test_several_values_are_averaged_without_their_padding():
    found, program = vectors("item = embedding(genres, 3)\nscore = embedding(user_id, 3) @ item")
    codes = data().column("genres").values
    assert (codes == 0).any() and (codes > 0).all(1).any() and (codes == 0).all(1)[1:].any()
    np.testing.assert_allclose(found, masked_mean(tables(program)[0], codes), rtol=1e-5)


def test_words_are_averaged():
    found, program = vectors("item = embedding(words(title), 3)\nscore = embedding(user_id, 3) @ item")
    column = program.build.made_columns["words(title)"]
    assert column.vocabulary[0] is None and {"night", "river"} <= set(column.vocabulary[1:])
    np.testing.assert_allclose(found, masked_mean(tables(program)[0], column.values), rtol=1e-5)


def test_tokens_are_a_sequence_padded_on_the_left():
    found, program = vectors("item = last(embedding(tokens(title, 5), 3))\nscore = embedding(user_id, 3) @ item")
    column = program.build.made_columns["tokens(title, 5)"]
    title = data().items.frame["title"][6]
    assert [column.vocabulary[code] for code in column.values[7] if code] == title.lower().split()
    np.testing.assert_allclose(found[1:], tables(program)[0][column.values[1:, -1]], rtol=1e-5)


def test_buckets_part_the_training_values_evenly():
    found, program = vectors("item = embedding(buckets(price, 4), 3)\nscore = embedding(user_id, 3) @ item")
    column = program.build.made_columns["buckets(price, 4)"]
    assert np.bincount(column.values)[1:].tolist() == [4, 4, 4, 4] and column.values[0] == 0
    prices = data().items.frame["price"].to_numpy()
    assert prices[column.values[1:] == 1].max() < prices[column.values[1:] == 2].min()
    np.testing.assert_allclose(found, tables(program)[0][column.values], rtol=1e-5)


def test_a_number_is_standardised():
    found, _ = vectors("item = number(price)\nscore = embedding(user_id, 1) @ item")
    prices = data().items.frame["price"].to_numpy()
    np.testing.assert_allclose(found[1:, 0], (prices - prices.mean()) / prices.std(), rtol=1e-4, atol=1e-5)


def test_fields_give_each_usable_column_one_vector():
    cell = "item = fields(3, side='item')\nscore = embedding(user_id, 12) @ concat(item)"
    found, program = vectors(cell)
    by_id, title, genres, price = tables(program)
    columns, words = data().columns, program.build.made_columns["words(title)"]
    expected = [by_id[columns["item_id"].values], masked_mean(title, words.values),
                masked_mean(genres, columns["genres"].values), columns["price"].values[:, None] * price]
    np.testing.assert_allclose(found, np.concatenate(expected, axis=1), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("lines, read", [
    ("loss = BPR()", {"log/device", "log/timestamp_year"}),
    ("loss = BinaryCrossentropy()\ntarget = at_least(rating, 4)", {"log/device", "log/timestamp_year"}),
    ("loss = MeanSquaredError()\ntarget = minutes", {"log/device", "log/timestamp_year"}),
])
def test_fields_never_read_the_rating_or_the_target(lines, read):
    also = "[device, rating, timestamp_year" + (", minutes]" if "minutes" in lines else "]")
    program = compiled(f"score = concat(fields(2, also={also})) >> Dense(1)\n{lines}")
    assert {feed.table for feed in program.cut.query_feeds if feed.table.startswith("log/")} == read


def test_layers_are_named_after_the_line_they_stand_in():
    program = compiled("""
top = Dense(4, relu) >> Dense(1)
user = embedding(user_id, 4) >> Dense(4)
item = concat(embedding(item_id, 2), embedding(genres, 2)) >> Dense(4)
score = user * item >> top
""")
    names = [layer.name for made in program.build.layers.values() for layer in made]
    assert sorted(names) == ["item-dense", "item-embedding", "item-embedding_1", "top-dense", "top-dense_1",
                             "user-dense", "user-embedding"]
    program = compiled("score = embedding(user_id, 4) @ mean(embedding(tokens(title, 3), 2) >> Conv1D(4, 2))")
    assert program.build.layers["score"][-1].name == "score-conv1d"


def test_adding_a_line_renames_nothing():
    cell = "item = embedding(item_id, 4) >> Dense(4)\nscore = embedding(user_id, 4) @ item"
    longer = "extra = embedding(genres, 4) >> Dense(4)\n" + cell + " + embedding(country, 4) @ extra"
    names, more = ({each.path for each in compiled(text).cut.variables} for text in (cell, longer))
    assert names < more


def test_a_named_layer_is_one_and_one_written_twice_is_two():
    shared = compiled("d = Dense(4)\nscore = (embedding(user_id, 4) >> d) @ (embedding(item_id, 4) >> d)")
    apart = compiled("score = (embedding(user_id, 4) >> Dense(4)) @ (embedding(item_id, 4) >> Dense(4))")
    assert len(shared.build.layers["d"]) == 1 and apart.parameters - shared.parameters == 4 * 4 + 4
    query, item = (tower.get_layer("d-dense") for tower in (shared.cut.query_tower, shared.cut.item_tower))
    assert query is item


def test_a_named_value_is_computed_from_one_table():
    program = compiled("item = embedding(item_id, 4)\nscore = mean(history(item, 3)) @ item")
    assert program.parameters == 4 * 17


def test_the_unknown_row_starts_at_zero_and_learns_only_when_asked():
    for rate, learns in ((0, False), (0.5, True)):
        program = compiled(f"user = embedding(user_id, 4, unknown={rate})\nscore = user @ embedding(item_id, 4)\n"
                           "loss = BPR()\noptimizer = Adam(0.05)")
        table = next(layer for layer in program.build.layers["user"] if layer.name == "user-embedding")
        assert not np.asarray(table.embeddings)[0].any() and np.asarray(table.embeddings)[1:].any()
        run(program, 1, 32)
        assert np.asarray(table.embeddings)[0].any() == learns


def test_ids_are_dropped_at_the_given_rate_in_training_only():
    layer, codes = DropIds(0.3, seed=1), np.arange(1, 10_001)
    assert (np.asarray(layer(codes, training=False)) == codes).all()
    kept = np.asarray(layer(codes, training=True))
    assert set(np.unique(kept - codes * (kept > 0))) == {0} and np.mean(kept == 0) == pytest.approx(0.3, abs=0.03)


def test_several_arguments_and_one_list():
    program = compiled("user = embedding(user_id, 4)\nitem = embedding(item_id, 4)\n"
                       "crossed = (user, item) >> FeatureCross()\npairs = [user, item, user] >> DotInteraction()\n"
                       "score = concat(crossed, pairs) >> Dense(1)")
    assert program.build.shown["crossed"].width == 4 and program.build.shown["pairs"].width == 3


def test_settings_may_be_named_and_classes_stand_inside_classes():
    program = compiled("width = 4\nsmall = RandomNormal(stddev=0.001)\nfast = CosineDecay(0.1, 10)\n"
                       "user = embedding(user_id, width, initializer=small)\n"
                       "score = user @ (embedding(item_id, width) >> Dense(width, kernel_regularizer=L2(0.1)))\n"
                       "optimizer = Adam(fast)")
    assert np.abs(np.asarray(program.build.layers["user"][0].embeddings)).max() < 0.01
    assert program.build.layers["score"][1].kernel_regularizer.l2 == pytest.approx(0.1)
    assert float(program.learning.optimizer().learning_rate) == pytest.approx(0.1)


@pytest.mark.parametrize("score, line, loss, kind, negatives", [
    ("user @ item", "", "CategoricalCrossentropy", "softmax", "catalogue"),
    ("user * item >> Dense(1)", "", "BinaryCrossentropy", "pointwise", "drawn"),
    ("user * item >> Dense(1, sigmoid)", "", "BinaryCrossentropy", "pointwise", "drawn"),
    ("user @ item", "target = rating", "MeanSquaredError", "regression", None),
    ("user @ item", "target = at_least(rating, 4)", "BinaryCrossentropy", "binary", None),
    ("user @ item", "target = next_item()", "CategoricalCrossentropy", "softmax", "catalogue"),
    ("user @ item", "loss = BPR()", "BPR", "pairwise", "drawn"),
    ("user @ item", "loss = Huber()", "Huber", "regression", None),
])
def test_what_a_cell_leaves_open(score, line, loss, kind, negatives):
    cell = f"user = embedding(user_id, 4)\nitem = embedding(item_id, 4)\nscore = {score}\n{line}"
    learned = compiled(cell).learning
    assert (type(learned.loss).__name__, learned.kind) == (loss, kind)
    assert (learned.negatives and learned.negatives.source) == negatives
    metric = {"regression": "rmse", "binary": "auc"}.get(kind, "ndcg")
    assert learned.metrics == ((metric, None),)
    assert {each.what for each in learned.defaults} >= {"optimizer", "metrics"}


def test_a_target_counts_the_rating_itself():
    learned = compiled("score = embedding(user_id, 4) @ embedding(item_id, 4)\ntarget = at_least(rating, 4)").learning
    np.testing.assert_array_equal(learned.target.values, data().interactions.rating >= 4)
