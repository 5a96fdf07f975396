"""Whole profiles: the loss is the multinomial likelihood of all that a user has, each user once an epoch."""

import numpy as np
import pytest
from keras import ops

from recmagic import backends
from recmagic.data.split import TRAIN
from recmagic.errors import SpecError, TrainingError
from recmagic.losses.categorical_crossentropy import CategoricalCrossentropy
from recmagic.model import Model
from recmagic.training.objective import Objective
from tests.compiler.tiny import compiled, data
from tests.training.runs import batches, parts

CELL = """item = embedding(item_id, 4)
score = mean(profile(item)) @ embedding(item_id, 4) + bias(item_id)
target = profile_items()
"""


def test_the_loss_is_the_likelihood_of_all_that_a_user_has():
    program = compiled(CELL)
    random = np.random.default_rng(2)
    for variable in program.cut.trainable_variables:
        variable.assign(random.normal(size=variable.shape))
    tables = {variable.path.split("/")[0]: np.asarray(ops.convert_to_numpy(variable)) for variable in
              program.cut.trainable_variables}
    bias = next(values for values in tables.values() if values.shape[1] == 1)[:, 0]
    arrays, examples = parts(program, 7)
    batch = batches(examples, 1)[0]
    events, expected = data().interactions, []
    codes = data().items.columns["item_id"].values
    for user in batch["users"]:
        rows = np.flatnonzero((events.user_row == user) & (events.part == TRAIN))
        past = tables["item-embedding"][codes[events.item_row[rows]]].mean(axis=0)
        catalogue = codes[np.flatnonzero(data().items.warm)]
        logits = tables["score-embedding"][catalogue] @ past + bias[catalogue]
        likelihood = logits - np.log(np.exp(logits).sum())
        taken = codes[np.unique(events.item_row[rows[events.positive[rows]]])]
        expected.append(-likelihood[np.isin(catalogue, taken)].sum())
    placed = backends.current().place
    found = Objective(program.cut, program.learning)(placed(arrays), placed(batch))
    np.testing.assert_allclose(float(ops.convert_to_numpy(found)), np.mean(expected), rtol=1e-5)


def test_each_user_is_an_example_once_an_epoch():
    _, examples = parts(compiled(CELL), 7)
    users = np.concatenate([each["users"] for each in batches(examples, 1)])
    assert sorted(users) == list(range(1, 25)) and examples.steps_per_epoch == 4


def test_label_smoothing_spreads_each_item_over_all():
    random = np.random.default_rng(0)
    taken, scores = (random.random((3, 6)) < 0.5).astype(np.float32), random.normal(size=(3, 6)).astype(np.float32)
    likelihood = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    smooth = 0.9 * taken + 0.1 * taken.sum(axis=1, keepdims=True) / 6
    found = ops.convert_to_numpy(CategoricalCrossentropy(0.1).multinomial(ops.array(taken), ops.array(scores)))
    np.testing.assert_allclose(found, -(smooth * likelihood).sum(axis=1), rtol=1e-5)


def test_it_trains_and_meets_new_users():
    model = Model.read(CELL + "optimizer = Adam(0.05)", data(), name="vae")
    history = model.train(epochs=15, batch=8)
    assert history.epochs[-1]["loss"] < history.epochs[0]["loss"]
    assert len(model.recommend(liked=[data().items.ids[3]], k=4).df) == 4
    with pytest.raises(TrainingError, match="Whole profiles are not read in shards"):
        model.train(epochs=1, memory=10**6)


@pytest.mark.parametrize("line, message", [
    ("loss = BPR()", "BPR does not weigh a whole profile"),
    ("negatives = uniform(3)", "A whole profile is weighed against all items"),
])
def test_what_cannot_weigh_a_profile_is_refused(line, message):
    with pytest.raises(SpecError, match=message):
        compiled(CELL + line)
