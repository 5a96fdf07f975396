"""A Keras model that a user brings: what its inputs read, what its score is, and what is said where it does not fit."""

import keras
import numpy as np
import pytest
from keras import ops

from recmagic import backends
from recmagic.compiler.card import card
from recmagic.compiler.feeds import Rows
from recmagic.compiler.log import entity_arrays, log_arrays
from recmagic.compiler.scorer import CutScorer
from recmagic.data.split import TRAIN
from recmagic.errors import ModelError, SpecError
from tests.compiler.tiny import data
from tests.training.brought import brought, net, values

SHAPES = {"user_id": (), "item_id": (1,), "age": (), "country": (), "genres": (3,), "price": (1,), "device": (),
          "history": (4,), "history_genres": (4, 3), "history_rating": (4,), "history_device": (4,)}
CODES = ("user_id", "item_id", "country", "genres", "device", "history", "history_genres", "history_device")


def inputs(*names, **others):
    shapes = {name: SHAPES[name] for name in names} | others
    return [keras.Input(shape, dtype="int32" if name in CODES else "float32", name=name)
            for name, shape in shapes.items()]


def summed(given):
    """One number from all inputs, which a model of no layers would not be."""
    flat = [ops.reshape(ops.cast(each, "float32"), (-1, int(np.prod(each.shape[1:])))) for each in given]
    return keras.layers.Dense(1)(ops.concatenate(flat, axis=1))


def model(*names, ending=summed, **others):
    given = inputs(*names, **others)
    return keras.Model(given, ending(given))


def gathered(program, numbers):
    """What the head is given for some interactions of the training log, by the names of the model's inputs."""
    cut, columns = program.cut, program.cut.tables.values()
    arrays = entity_arrays(columns) | log_arrays(program.data, [TRAIN], columns)
    placed = backends.current().place(arrays)
    users, items = arrays["log/user"][numbers], arrays["log/item"][numbers]
    query = cut.queries(placed, Rows(ops.convert_to_tensor(users), ops.convert_to_tensor(numbers))).vectors
    item, _ = cut.items(placed, ops.convert_to_tensor(items))
    named = [feed.table + ("" if feed.window is None else " of the past") for feed in cut.query_feeds if feed.table]
    found = dict(zip(named, map(ops.convert_to_numpy, query)))
    found |= {feed.table: ops.convert_to_numpy(each) for feed, each in zip(cut.item_feeds, item)}
    return found, arrays, users, items


def test_each_input_reads_its_column_and_a_history_the_users_last_items():
    program = brought(model(*SHAPES))
    numbers = np.arange(0, 60, 5, dtype=np.int32)
    found, arrays, users, items = gathered(program, numbers)
    columns = program.data.columns
    for name, rows in (("user/user_id", users), ("user/age", users), ("user/country", users), ("item/item_id", items),
                       ("item/genres", items), ("item/price", items)):
        np.testing.assert_array_equal(found[name], columns[name.partition("/")[2]].values[rows], err_msg=name)
    np.testing.assert_array_equal(found["log/device"], arrays["log/device"][numbers])
    for name, of_item in (("item/item_id", True), ("item/genres", True), ("log/rating", False), ("log/device", False)):
        column = columns[name.partition("/")[2]]
        for row, number in enumerate(numbers):
            past = np.arange(max(arrays["log/start"][users[row]], number - 4), number)
            values = column.values[arrays["log/item"][past]] if of_item else arrays[name][past]
            padding = np.zeros((4 - len(past), *column.values.shape[1:]))
            np.testing.assert_array_equal(found[f"{name} of the past"][row], np.concatenate([padding, values]))
    lengths = [min(4, number - arrays["log/start"][user]) for number, user in zip(numbers, users)]
    assert min(lengths) < 4 == max(lengths)  # there is padding, and there is none


@pytest.mark.parametrize("shape", ["dict", "list"])
def test_the_head_is_the_users_model(shape):
    given = inputs("user_id", "item_id", "age")
    table = keras.layers.Embedding(40, 3)
    flat = [table(given[0]), ops.reshape(table(given[1]), (-1, 3)), ops.reshape(given[2], (-1, 1))]
    x = keras.layers.Concatenate()(flat)
    own = keras.Model({each.name: each for each in given} if shape == "dict" else given, keras.layers.Dense(1)(x))
    program = brought(own)
    users, items = np.array([3, 3, 9], np.int32), np.array([1, 2, 5], np.int32)
    found = CutScorer(program.functions, backends.current(), program.data, [TRAIN]).pairs(users, items)
    codes = [program.data.column("user_id").values[users], program.data.column("item_id").values[items]]
    raw = [codes[0], codes[1][:, None], program.data.column("age").values[users]]
    asked = {each.name: array for each, array in zip(given, raw)} if shape == "dict" else raw
    np.testing.assert_allclose(found, own.predict(asked, verbose=0)[:, 0], rtol=1e-5)
    assert {id(each) for each in program.cut.trainable_variables} == {id(each) for each in own.trainable_variables}


def dense(given):
    return keras.layers.Dense(1, activation="sigmoid")(given)


ENDINGS = {
    "dense": dense,
    "activation": lambda x: keras.layers.Activation("sigmoid")(keras.layers.Dense(1)(x)),
    "function": lambda x: ops.sigmoid(keras.layers.Dense(1)(x)),
    "inner model": lambda x: keras.Sequential([keras.layers.Dense(4, "relu"), keras.layers.Dense(1, "sigmoid")])(x),
}


def ended(ending):
    keras.utils.set_random_seed(1)
    given = inputs("user_id", "item_id")
    x = ops.concatenate([ops.reshape(ops.cast(each, "float32") / 30, (-1, 1)) for each in given], axis=1)
    return keras.Model(given, ending(x))


def logits(program):
    scorer = CutScorer(program.functions, backends.current(), program.data, [TRAIN])
    return scorer.pairs(np.array([1, 5, 9], np.int32), np.array([2, 2, 7], np.int32))


def probabilities(own):
    codes = [data().column("user_id").values[[1, 5, 9]], data().column("item_id").values[[2, 2, 7]]]
    return ops.convert_to_numpy(own([codes[0], codes[1][:, None]]))[:, 0]


@pytest.mark.parametrize("name", ENDINGS)
def test_a_sigmoid_that_ends_the_model_is_taken_off_and_the_model_keeps_it(name):
    own = ended(ENDINGS[name])
    before = probabilities(own)
    program = brought(own, loss="BPR()")
    assert program.cut.sigmoid
    np.testing.assert_allclose(1 / (1 + np.exp(-logits(program))), before, rtol=1e-5)
    np.testing.assert_allclose(probabilities(own), before, rtol=1e-6)
    assert any("sigmoid that ends the score" in note for note in card(program, "mine", "").notes)


def test_under_a_regression_a_sigmoid_is_a_part_of_the_prediction():
    own = ended(dense)
    for loss in ("MeanSquaredError()", keras.losses.Huber()):
        program = brought(own, loss=loss)
        assert not program.cut.sigmoid
        np.testing.assert_allclose(logits(program), probabilities(own), rtol=1e-6)


class Inside(keras.layers.Layer):
    """A sigmoid that nobody sees from outside."""

    def call(self, x):
        return ops.sigmoid(ops.sum(x, axis=1, keepdims=True))


def test_a_loss_of_probabilities_says_that_an_unseen_ending_is_one():
    own = ended(Inside())
    program = brought(own, loss=keras.losses.BinaryCrossentropy(), target="at_least(rating, 4)")
    assert program.cut.sigmoid
    np.testing.assert_allclose(1 / (1 + np.exp(-logits(program))), probabilities(own), rtol=1e-5)
    assert not brought(own, loss="BinaryCrossentropy()").cut.sigmoid


def test_each_training_starts_from_the_weights_that_the_model_came_with():
    own = net()
    program = brought(own, loss="BPR()")
    before = values(own)
    for each in own.variables:
        each.assign(np.ones(each.shape))
    program.redraw(7)
    assert program.seed == 7
    for weight, expected in zip(values(own), before):
        np.testing.assert_array_equal(weight, expected)


def test_the_card_says_what_it_is():
    program = brought(net(), loss=keras.losses.MeanSquaredError(), optimizer=keras.optimizers.Adam(0.05))
    shown = card(program, "mine", "new")
    told = repr(shown)
    assert "Model mine on tiny: collaborative, ranking, 381 parameters, new" in told
    assert "(user_id, item_id)   [1; item × user]" in told
    assert "loss = MeanSquaredError()" in told and "optimizer = Adam(learning_rate=0.05)" in told
    assert "target = rating   (default" in told and "weights that the Keras model came with" in told
    assert "<svg" in shown._repr_html_()


def subclassed():
    class Mine(keras.Model):
        def call(self, given):
            return given["user_id"]

    return Mine()


def pair(**others):
    return model("user_id", "item_id", **others)


def two(given):
    return [summed(given), summed(given)]


BAD_MODELS = {
    "a text": (lambda: "score = 1", "Keras model belongs here, not str.*Model.read"),
    "no names": (subclassed, "inputs of Mine have no names.*Wrap it"),
    "an unknown name": (lambda: pair(xyz=()), "'xyz' is not named after.*user_id, age.*history_<column>"),
    "a slip": (lambda: pair(countri=()), "Did you mean country"),
    "no length": (lambda: pair(history=(None,), ending=lambda given: summed(given[:2])), "'history' does not say how"),
    "the past of a user's column": (lambda: pair(history_age=(3,)), "'history_age' is not named"),
    "a text column": (lambda: pair(title=()), "'title' would be a text"),
    "a wrong shape": (lambda: pair(genres=(7,)), r"'genres' has the shape \(7,\).*gives \(3,\)"),
    "no item": (lambda: model("user_id", "age"), "no input of the item"),
    "no user": (lambda: model("item_id", "price", "device"), "no input of the user"),
    "two numbers": (lambda: pair(ending=lambda given: keras.layers.Dense(2)(summed(given))), r"gives \(2,\) a row"),
    "two outputs": (lambda: pair(ending=two), r"gives \(1,\) and \(1,\) a row"),
}


@pytest.mark.parametrize("name", BAD_MODELS)
def test_a_model_that_does_not_fit_is_told_why(name):
    make, message = BAD_MODELS[name]
    with pytest.raises(ModelError, match=f"(?s){message}"):
        brought(make(), loss="BPR()")


def test_a_mean_over_no_step_is_refused():
    given = inputs("item_id", "history")
    table = keras.layers.Embedding(17, 2, mask_zero=True)
    mean = keras.layers.GlobalAveragePooling1D()(table(given[1]))
    with pytest.raises(ModelError, match=r"(?s)the past of a new user: the score is nan.*leave mask_zero out"):
        brought(keras.Model(given, keras.layers.Dot(1)([mean, ops.reshape(table(given[0]), (-1, 2))])))


def test_numbers_do_not_go_into_an_input_of_whole_numbers():
    given = [*inputs("user_id", "item_id"), keras.Input((), dtype="int32", name="price")]
    with pytest.raises(ModelError, match="takes int32, and 'price' is a number with a fraction"):
        brought(keras.Model(given, summed(given)))


@pytest.mark.parametrize("name, size", [("user_id", 24), ("item_id", 16), ("country", 3)])
def test_a_table_too_small_is_refused_by_the_name_of_its_column(name, size):
    given = inputs("user_id", "item_id", "country")
    sizes = {"user_id": 25, "item_id": 17, "country": 4}
    tables = [keras.layers.Embedding(sizes[each.name] - (each.name == name), 2)(each) for each in given]
    own = keras.Model(given, summed(tables))
    with pytest.raises(ModelError, match=f"(?s)codes of '{name}', which go up to {size}.*which is {size + 1}"):
        brought(own)


class Steady(keras.optimizers.SGD):
    """An optimizer that keeps its settings to itself."""

    def __init__(self, by):
        super().__init__(0.1 * by)


@pytest.mark.parametrize("lines, message", [
    ({"loss": 3}, "loss takes a Keras loss or a text, not int"),
    ({"optimizer": keras.losses.Huber()}, "optimizer takes a Keras optimizer or a text, not Huber"),
    ({"negatives": 4}, "negatives takes a text, not int"),
    ({"metrics": [keras.metrics.AUC()]}, "metrics takes a text"),
    ({"loss": "BPR()\nscore = bias()"}, "takes one value of a cell"),
    ({"loss": keras.losses.CategoricalCrossentropy()}, "compares several numbers of one row"),
    ({"loss": keras.losses.MeanSquaredError(reduction="sum")}, "reduction='sum'"),
    ({"loss": keras.losses.BinaryCrossentropy(from_logits=True)}, "from_logits=True, and the model ends in a sigmoid"),
    ({"optimizer": Steady(3)}, "Steady cannot be made afresh from its settings"),
])
def test_what_it_should_learn_is_told_where_it_is_wrong(lines, message):
    with pytest.raises(ModelError, match=message):
        brought(net(), **lines)


def test_a_piece_of_text_is_shown_with_a_caret():
    with pytest.raises(SpecError) as caught:
        brought(net(), loss="BPR()", negatives="unifrm(4)")
    assert "line 2 │ negatives = unifrm(4)" in str(caught.value) and "Did you mean uniform?" in str(caught.value)
    with pytest.raises(SpecError, match="takes no target column"):
        brought(net(), loss="BPR()", target="rating")


def test_a_score_that_reads_its_target_is_refused():
    own = model("user_id", "item_id", rating=())
    with pytest.raises(ModelError, match="reads 'rating', which is what it should predict"):
        brought(own, loss="MeanSquaredError()")


def test_data_are_a_dataset():
    with pytest.raises(ModelError, match="must be a Dataset, not dict"):
        brought(net(), of={"rows": []})


def test_metrics_may_be_a_list_of_texts():
    assert brought(net(), metrics=["ndcg(5)", "recall(20)"]).learning.metrics == (("ndcg", 5), ("recall", 20))
