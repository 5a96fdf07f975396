"""What rows weigh: numbers by hand, and the loss and gradients of Keras's own `fit` with sample weights."""

import keras
import numpy as np
import pytest
from keras import ops

from recmagic.data.dataset import Dataset
from recmagic.errors import SpecError
from recmagic.training.examples import training_arrays
from recmagic.training.objective import Objective
from tests.compiler.tiny import compiled, data, tables

PAIRS = "score = concat(embedding(user_id, 4), embedding(item_id, 4)) >> Dense(1)\n"
BINARY = PAIRS + "loss = BinaryCrossentropy()\ntarget = at_least(rating, 5)\n"
RANKED = "score = embedding(user_id, 4) @ embedding(item_id, 4)\nloss = BPR()\n"


def weights(cell, of=None):
    """The weights of the training examples, the raw row numbers beside them."""
    program = compiled(cell, of)
    counted = program.learning.target.examples(program.data)
    return program.learning.weights[counted], program.data.interactions, counted


def test_classes_of_the_target_weigh_the_same_in_total():
    found, events, counted = weights(BINARY + "weights = balanced()")
    labels = events.rating[counted] >= 5
    assert 0.1 < labels.mean() < 0.4
    assert found[labels].sum() == pytest.approx(found[~labels].sum(), rel=1e-5)
    assert found.mean() == pytest.approx(1, rel=1e-5)
    assert len(np.unique(found)) == 2


@pytest.mark.parametrize("line, power", [("balanced()", 1.0), ("balanced(item_id, 0.5)", 0.5)])
def test_items_weigh_by_how_rare_they_are_in_training(line, power):
    found, events, counted = weights(RANKED + f"weights = {line}")
    items = events.item_row[counted]
    expected = np.array([1 / np.sum(items == item) ** power for item in items])
    np.testing.assert_allclose(found, expected / expected.mean(), rtol=1e-5)


@pytest.mark.parametrize("column", ["country", "device", "rating"])
def test_any_column_of_classes_will_do(column):
    found, events, counted = weights(RANKED + f"weights = balanced({column})")
    read = compiled(RANKED).data.column(column)
    values = (read.values[events.user_row] if read.side == "user" else read.values)[counted]
    totals = [found[values == value].sum() for value in np.unique(values)]
    np.testing.assert_allclose(totals, totals[0], rtol=1e-5)


def test_a_row_weighs_half_for_every_half_life():
    found, events, counted = weights(RANKED + "weights = recent(10)")
    times = events.timestamp[counted]
    newest = found[times.argmax()]
    days = (times.max() - times) / 86_400
    np.testing.assert_allclose(found, newest * 0.5 ** (days / 10), rtol=1e-4)
    assert found.mean() == pytest.approx(1, rel=1e-5)


def test_held_out_rows_move_no_weight():
    whole = data()
    held_out = whole.interactions.part > 0
    assert held_out.any()
    before = compiled(RANKED + "weights = balanced(item_id)").learning.weights
    trained = before[~held_out]
    counts = np.bincount(whole.interactions.item_row[~held_out & whole.interactions.positive])
    expected = 1 / counts[whole.interactions.item_row[~held_out]]
    np.testing.assert_allclose(trained / trained[0], expected / expected[0], rtol=1e-5)


@pytest.mark.parametrize("cell", [BINARY + "weights = balanced()", PAIRS + "target = rating\nloss = "
                                  "MeanSquaredError()\nweights = balanced()"], ids=["binary", "stars"])
def test_the_loss_is_that_of_keras_with_sample_weights(cell):
    program = compiled(cell)
    arrays = training_arrays(program.cut, program.learning, program.data)
    ends = np.flatnonzero(arrays["log/example"]).astype(np.int32)[:40]
    batch = {"ends": ends, "users": arrays["log/user"][ends], "items": arrays["log/item"][ends]}
    ours = float(Objective(program.cut, program.learning)(
        {name: ops.convert_to_tensor(each) for name, each in arrays.items()},
        {name: ops.convert_to_tensor(each) for name, each in batch.items()}))

    user, item = keras.Input((), dtype="int32"), keras.Input((), dtype="int32")
    made = [*program.build.layers["score"]]
    towers = [made[0](user), made[1](item)]
    model = keras.Model([user, item], made[-1](keras.layers.Concatenate()(towers)))
    loss = keras.losses.BinaryCrossentropy(from_logits=True) if "Binary" in cell else keras.losses.MeanSquaredError()
    model.compile("sgd", loss)
    theirs = model.test_on_batch([batch["users"], batch["items"]], arrays["log/target"][ends].reshape(-1, 1),
                                 sample_weight=arrays["log/weight"][ends])
    assert ours == pytest.approx(float(theirs), rel=1e-5)
    assert arrays["log/weight"][ends].std() > 0.1


@pytest.mark.parametrize("cell", [
    RANKED + "negatives = uniform(2)\n",
    RANKED.replace("BPR()", "CategoricalCrossentropy()") + "negatives = in_batch()\n",
    "item = embedding(item_id, 4)\npast = history(item, 5) >> GRU(4)\nscore = past @ item\n"
    "loss = CategoricalCrossentropy()\nnegatives = catalogue()\n",
], ids=["drawn", "batch", "sequence"])
def test_what_rows_weigh_changes_the_sum_and_not_the_number_that_it_is_over(cell):
    plain, weighed = compiled(cell), compiled(cell + "weights = balanced(item_id)")
    found = {}
    for name, program in (("plain", plain), ("weighed", weighed)):
        arrays = training_arrays(program.cut, program.learning, program.data)
        every = program.cut.every_step
        ends = ((arrays["log/stop"] - 1)[1:9] if every else np.flatnonzero(arrays["log/example"])[:8]).astype(np.int32)
        batch = {"ends": ends, "users": arrays["log/user"][ends]}
        if program.learning.negatives.source == "drawn":
            batch["negatives"] = np.arange(1, 17, dtype=np.int32).reshape(8, 2) % 16 + 1
        if name == "weighed":
            arrays["log/weight"] = np.full_like(arrays["log/weight"], 3.0)
        give = {key: ops.convert_to_tensor(each) for key, each in arrays.items()}
        total, count = Objective(program.cut, program.learning).sums(
            give, {key: ops.convert_to_tensor(each) for key, each in batch.items()})
        found[name] = float(total), float(count)
    assert found["weighed"][0] == pytest.approx(3 * found["plain"][0], rel=1e-5)
    assert found["weighed"][1] == found["plain"][1]


def test_each_of_several_scores_has_weights_of_its_own_classes():
    program = compiled("x = concat(embedding(user_id, 4), embedding(item_id, 4))\nlike = x >> Dense(1)\n"
                       "stars = x >> Dense(1)\nscore = [like, stars]\nloss = [BinaryCrossentropy(), "
                       "MeanSquaredError()]\ntarget = [at_least(rating, 5), rating]\nweights = balanced()")
    arrays = training_arrays(program.cut, program.learning, program.data)
    ratings = arrays["log/target_1"]
    for weights_of_task, classes in ((arrays["log/weight_0"], ratings >= 5), (arrays["log/weight_1"], ratings)):
        totals = [weights_of_task[classes == each].sum() for each in np.unique(classes)]
        np.testing.assert_allclose(totals, len(ratings) / len(totals), rtol=1e-4)


@pytest.mark.parametrize("line, said", [
    ("balanced(genres)", "several values of 'genres'"),
    ("balanced(price)", None),
    ("balanced(minutes)", "too many values"),
    ("balanced(item_id, 9)", "power is a number from 0"),
    ("balanced(item_id, power=item_id)", "a number for power"),
    ("balanced(3)", "a column for column"),
    ("recent(0)", "above 0"),
    ("recent(item_id)", "a number for half_life"),
])
def test_what_is_no_class_is_refused_with_a_caret(line, said):
    if line == "balanced(price)":
        assert compiled(RANKED + f"weights = {line}").learning.weights is not None  # 16 items, 16 prices: classes
        return
    with pytest.raises(SpecError, match=said) as caught:
        compiled(RANKED + f"weights = {line}")
    assert "^" in str(caught.value)


def test_without_times_nothing_is_recent():
    events = tables()[0]
    without = Dataset.load(events.drop(columns="timestamp"), split="random", name="untimed")
    with pytest.raises(SpecError, match="no times"):
        compiled(RANKED + "weights = recent(30)", without)


def test_a_whole_profile_is_not_weighed():
    with pytest.raises(SpecError, match="whole profile"):
        compiled("item = embedding(item_id, 4)\nscore = profile(item) @ item\nloss = CategoricalCrossentropy()\n"
                 "negatives = catalogue()\ntarget = profile_items()\nweights = balanced()")
