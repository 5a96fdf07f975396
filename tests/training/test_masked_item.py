"""Hidden steps: what they hide is not read, they alone are predicted, and recommending hides what comes next."""

import numpy as np
import pytest
from keras import ops

from recmagic import backends
from recmagic.compiler.feeds import Rows
from recmagic.compiler.scorer import CutScorer
from recmagic.data.split import TRAIN, VALID
from recmagic.errors import ModelError, SpecError
from recmagic.model import Model
from recmagic.training.examples import training_arrays
from recmagic.training.objective import Objective
from tests.compiler.tiny import compiled, data
from tests.training.runs import batches, parts

LENGTH = 5
CELL = f"""item = embedding(item_id, 4)
past = history(item, {LENGTH}) >> PositionEmbedding() >> TransformerBlock(heads=2) >> Dense(4)
score = past @ item
loss = CategoricalCrossentropy()
negatives = catalogue()
target = masked_item(0.4)
"""


def shaken():
    program = compiled(CELL)
    random = np.random.default_rng(1)
    for variable in sorted(program.cut.trainable_variables, key=lambda each: each.path):
        variable.assign(random.normal(0, 0.7, variable.shape))
    return program


def queries(program, arrays, users, ends, hidden=None):
    """The query vectors (B, L, width)."""
    placed = backends.current().place(arrays)
    found = program.cut.queries(placed, Rows(ops.array(users), ops.array(ends), hidden=hidden))
    return ops.convert_to_numpy(found.vectors[0]).reshape(len(users), LENGTH, -1), ops.convert_to_numpy(found.mask)


def test_what_a_hidden_step_hides_is_not_read():
    program = shaken()
    arrays = training_arrays(program.cut, program.learning, program.data)
    users = np.arange(1, 9, dtype=np.int32)
    ends = arrays["log/stop"][users] - 1
    hidden = np.zeros((len(users), LENGTH), np.int32)
    hidden[:, 3] = 1
    before, _ = queries(program, arrays, users, ends, hidden)
    changed = arrays | {"log/item": arrays["log/item"].copy()}
    changed["log/item"][ends - 1] = arrays["log/item"][ends - 1] % 16 + 1  # the fourth of five steps
    after, _ = queries(program, changed, users, ends, hidden)
    np.testing.assert_array_equal(after, before)
    seen, _ = queries(program, changed, users, ends, np.zeros_like(hidden))
    assert np.abs(seen - queries(program, arrays, users, ends, np.zeros_like(hidden))[0]).max() > 0.01


def test_a_trained_vector_stands_in_a_hidden_steps_place():
    program = shaken()
    arrays = training_arrays(program.cut, program.learning, program.data)
    users = np.arange(1, 9, dtype=np.int32)
    ends = arrays["log/stop"][users] - 1
    hidden = np.zeros((len(users), LENGTH), np.int32)
    hidden[:, 3] = 1
    before, _ = queries(program, arrays, users, ends, hidden)
    whole, _ = queries(program, arrays, users, ends, np.zeros_like(hidden))
    vector = next(each for each in program.cut.trainable_variables if each.path == "past-mask/vector")
    vector.assign(vector.value + 1)
    assert np.abs(queries(program, arrays, users, ends, hidden)[0] - before).max() > 0.01
    np.testing.assert_array_equal(queries(program, arrays, users, ends, np.zeros_like(hidden))[0], whole)


def test_the_loss_is_that_of_the_hidden_steps():
    program = shaken()
    arrays, examples = parts(program, 6)
    batch = batches(examples, 1)[0]
    users, ends, hidden = batch_users(arrays, batch), batch["ends"], batch["hidden"]
    vectors, mask = queries(program, arrays, users, ends, hidden)
    items = ops.convert_to_numpy(program.cut.items(backends.current().place(arrays),
                                                   ops.array(arrays["catalogue"]))[0][0])
    losses = []
    for row, end in enumerate(ends):
        for step in range(LENGTH):
            number = end - LENGTH + 1 + step
            if mask[row, step] and hidden[row, step]:
                assert number >= arrays["log/start"][users[row]]
                logits = items @ vectors[row, step]
                place = list(arrays["catalogue"]).index(arrays["log/item"][number])
                losses.append(np.log(np.exp(logits - logits.max()).sum()) + logits.max() - logits[place])
    assert losses
    objective = Objective(program.cut, program.learning)
    placed = backends.current().place
    found = ops.convert_to_numpy(objective(placed(arrays), placed(batch)))
    np.testing.assert_allclose(found, np.mean(losses), rtol=1e-5)


def batch_users(arrays, batch):
    return batch["users"] if "users" in batch else arrays["log/user"][batch["ends"]]


def test_recommending_hides_one_step_behind_the_last():
    program = shaken()
    scorer = CutScorer(program.functions, backends.current(), program.data, [TRAIN])
    users = np.arange(1, 9, dtype=np.int32)
    scores = ops.convert_to_numpy(scorer.score(users))
    # The same as hiding the next interaction, the first of the validation part, where the log holds it.
    arrays = training_arrays(program.cut, program.learning, program.data)
    longer = {name: np.array(values) for name, values in
              CutScorer(program.functions, backends.current(), program.data, [TRAIN, VALID]).data.items()}
    ends = longer["log/stop"][users] - 1
    assert (longer["log/stop"] - longer["log/start"])[users].min() > (arrays["log/stop"] - arrays["log/start"])[users
                                                                                                            ].min()
    hidden = np.zeros((len(users), LENGTH), np.int32)
    hidden[:, -1] = 1
    vectors, _ = queries(program, longer, users, ends, hidden)
    items = ops.convert_to_numpy(scorer.item_vectors()[0])
    np.testing.assert_allclose(scores[:, 1:], vectors[:, -1] @ items[1:].T, atol=1e-5)


def test_a_share_of_the_steps_is_hidden_and_often_the_last_alone():
    program = compiled(CELL.replace("0.4", "0.25"))
    _, examples = parts(program, 24)
    hidden = np.concatenate([each["hidden"] for each in batches(examples, 200)])
    last_alone = (hidden[:, -1] == 1) & (hidden.sum(axis=1) == 1)
    expected = 0.1 + 0.9 * 0.25 * 0.75**4
    assert abs(last_alone.mean() - expected) < 0.02
    assert abs(hidden[:, 0].mean() - 0.9 * 0.25) < 0.02


def test_it_trains_recommends_and_meets_new_users():
    model = Model.read(CELL + "optimizer = Adam(0.02)", data(), name="bert")
    history = model.train(epochs=12, batch=8)
    assert history.epochs[-1]["loss"] < history.epochs[0]["loss"]
    assert "sequential" in repr(model)
    assert len(model.recommend(k=3).df) == 3 * 24
    assert len(model.recommend(liked=[data().items.ids[3], data().items.ids[5]], k=3).df) == 3


@pytest.mark.parametrize("text, message", [
    (CELL.replace("past @ item", "last(past) @ item"), "masked_item hides steps of a sequence"),
    (CELL.replace("0.4", "1.5"), "masked_item refuses these settings: The rate is a number between 0 and 1"),
])
def test_where_it_has_no_meaning_it_is_refused(text, message):
    with pytest.raises(SpecError, match=message):
        compiled(text)


def test_a_brought_model_cannot_hide_steps():
    from tests.training.brought import net

    with pytest.raises(ModelError, match="masked_item and profile_items belong to a cell"):
        Model(net(), data(), loss="BPR()", target="masked_item(0.2)")
