"""Smaller models on each backend: what is stored, what it scores as, here and after reload, and what holds in training.

Judged by plain numpy over the stored numbers.
"""

import numpy as np
import pytest

import recmagic
from recmagic import Model, backends
from recmagic.compiler.vocabulary import vocabulary
from recmagic.compression.account import DISK
from recmagic.compression.copying import copied
from recmagic.compression.product import in_parts
from recmagic.compression.pruning import held, prune
from recmagic.errors import ModelError
from recmagic.evaluation.metrics import WORDS
from recmagic.training.distilling import WEIGHT, Distilling, taught
from recmagic.training.examples import training_arrays
from recmagic.training.history import History
from recmagic.training.objective import Objective
from recmagic.training.train import Beside, Plan, Training
from tests.compiler.tiny import data
from tests.compression.models import ITEMS, PRODUCT, USERS, many, model_of, scores, weights_in

BLOCK = """past = history(embedding(item_id, 32), 4) >> PositionEmbedding() >> TransformerBlock(heads=2, causal=True)
item = concat(embedding(item_id, 32), embedding(genres, 16)) >> Dense(32, relu)
score = past @ item + bias(item_id)"""


def eight(numbers, scale):
    return numbers / scale[:, None]


def four(packed, scale, zero, width):
    """Two signed numbers a byte, the first in its lower half; each as many steps above the row's zero."""
    halves = np.stack([packed & 15, (packed >> 4) & 15], axis=-1).reshape(len(packed), -1)[:, :width].astype(int)
    return (np.where(halves > 7, halves - 16, halves) - zero.astype(int)) * scale


@pytest.mark.parametrize("mode, times", [("int8", 3.75), ("int4", 6.8)])
def test_a_quantised_model_is_smaller_on_disk_and_scores_as_its_stored_numbers(mode, times, tmp_path):
    model = model_of(PRODUCT.format(width=64), many())
    made = model.compress(quantize=mode)
    size, _ = weights_in(model.save(tmp_path / "whole"))
    small, weights = weights_in(made.save(tmp_path / "small.zip"))
    assert size / small > times and made.account.value(DISK) == (size / 1000, small / 1000)
    assert model.program.cut.variables[0].dtype == "float32", "the original is as it was"
    users, items = np.arange(300), np.arange(300)
    loaded = recmagic.load(tmp_path / "small.zip")
    np.testing.assert_array_equal(loaded.predict(users, items), made.predict(users, items))
    arrays = [weights[f"program/{number}"] for number in range(len(weights))]
    if mode == "int8":
        tables = eight(*arrays[:2]), eight(*arrays[2:])
    else:
        tables = four(*arrays[:3], 64), four(*arrays[4:7], 64)
    rows = [side.columns[f"{side.side}_id"].values[side.rows(ids)]  # the codes: 0 where one is cold
            for side, ids in ((made.data.users, users), (made.data.items, items))]
    by_hand = sum(tables[0][rows[0]].T * tables[1][rows[1]].T)
    np.testing.assert_allclose(made.predict(users, items), by_hand, atol=1e-4)
    assert np.corrcoef(by_hand, model.predict(users, items))[0, 1] > (0.999 if mode == "int8" else 0.98)


def by_parts(codes, centroids):
    """The rows that codes stand for: the m-th part is a stretch of the centroid that the m-th code names."""
    width = centroids.shape[1] // codes.shape[1]
    return np.concatenate([centroids[own, part * width : (part + 1) * width] for part, own in enumerate(codes.T)], 1)


@pytest.mark.parametrize("quantize, times", [(None, 4), ("int8", 8)])
def test_a_model_in_parts_is_smaller_on_disk_and_scores_as_its_stored_bytes(quantize, times, tmp_path):
    model = model_of(PRODUCT.format(width=16), many())
    made = model.compress(pq=4, quantize=quantize, epochs=0)
    size, _ = weights_in(model.save(tmp_path / "whole"))
    small, weights = weights_in(made.save(tmp_path / "small.zip"))
    assert size / small > times and made.account.value(DISK) == (size / 1000, small / 1000)
    users, items = np.arange(300), np.arange(300)
    loaded = recmagic.load(tmp_path / "small.zip")
    np.testing.assert_array_equal(loaded.predict(users, items), made.predict(users, items))
    arrays = [weights[f"program/{number}"] for number in range(len(weights))]
    tables = ([by_parts(*arrays[:2]), by_parts(*arrays[2:])] if quantize is None
              else [by_parts(arrays[0], eight(*arrays[1:3])), by_parts(arrays[3], eight(*arrays[4:]))])
    rows = [side.columns[f"{side.side}_id"].values[side.rows(ids)]
            for side, ids in ((made.data.users, users), (made.data.items, items))]
    expected = (tables[0][rows[0]] * tables[1][rows[1]]).sum(axis=1)
    np.testing.assert_allclose(loaded.predict(users, items), expected, rtol=1e-4, atol=1e-6)


def test_parts_learn_and_which_they_are_stays():
    model = model_of(PRODUCT.format(width=8), many())
    program = in_parts(model.program, 2, vocabulary(WORDS))
    before = [each.numpy().copy() for each in program.cut.variables]
    Training(program).run("m", Plan(1, 256, None, None), History())
    for was, variable in zip(before, program.cut.variables):
        assert np.array_equal(was, variable.numpy()) != variable.trainable
        np.testing.assert_array_equal(variable.numpy()[0], was[0], "the unknown row is nobody's, and stays")


def test_layers_of_every_kind_are_quantised_and_the_rest_stays():
    model = model_of(BLOCK)
    made = model.compress(quantize="int8")
    kinds = [str(each.dtype) for each in made.program.cut.variables]
    assert kinds.count("int8") == 3 + 4 + 1, "three tables, four kernels of the block, one kernel"
    assert made.program.parameters == model.program.parameters
    assert np.corrcoef(scores(made), scores(model))[0, 1] > 0.999


def test_weights_at_zero_stay_there_while_the_others_learn():
    model = model_of(PRODUCT.format(width=8))
    program = copied(model.program)
    masks = prune(program, 0.75)
    before = [each.numpy().copy() for each in program.cut.trainable_variables]
    Training(program, Beside(held(masks), whole=True)).run("m", Plan(2, 32, None, None), History())
    for number, variable in enumerate(program.cut.trainable_variables):
        value = variable.numpy()
        assert (value[masks[number] == 0] == 0).all() and (value != 0).sum() == round(0.25 * value.size)
        assert not np.allclose(value, before[number]), "the others learn"


def test_what_a_teacher_adds_to_the_loss_is_the_divergence_from_its_list():
    teacher = Model.read("score = EASE(10.0)", data(), name="t")
    teacher.train()
    student = model_of("past = mean(history(embedding(item_id, 8), 3))\n"
                       "score = past @ embedding(item_id, 8)\nloss = BPR()")
    told = taught(teacher.program, backends.current(), 0)
    program = student.program
    arrays = backends.current().place(training_arrays(program.cut, program.learning, program.data) | told)
    users, rng = np.arange(1, 21, dtype=np.int32), np.random.default_rng(0)
    ends = program.scorer(backends.current(), [0]).stop[users].astype(np.int32) - 1
    batch = backends.current().place({"users": users, "ends": ends, "items": rng.integers(1, 17, 20, dtype=np.int32),
                                      "negatives": rng.integers(1, 17, (20, 1), dtype=np.int32)})
    both, alone = (float(each(program.cut, program.learning)(arrays, batch)) for each in (Distilling, Objective))
    mine = np.array(program.scorer(backends.current(), [0]).score(users))
    items, wanted = told["teacher/items"][users], told["teacher/scores"][users]
    mine = np.take_along_axis(mine, items, axis=1)
    log = [each - each.max(1, keepdims=True) for each in (wanted, mine)]
    log = [each - np.log(np.exp(each).sum(1, keepdims=True)) for each in log]
    by_hand = (np.exp(log[0]) * (log[0] - log[1])).sum(1).mean()
    assert both - alone == pytest.approx(WEIGHT * by_hand, rel=1e-3) and by_hand > 0.1


def test_a_student_that_is_taught_ranks_more_like_its_teacher_than_alone():
    teacher = Model.read("score = EASE(10.0)", data(), name="t")
    teacher.train()
    student = Model.read(PRODUCT.format(width=8) + "\noptimizer = Adam(0.05)", data(), name="s")
    student.train(epochs=30, batch=64, patience=None)
    made = teacher.compress(distill=student, epochs=30)
    told = taught(teacher.program, backends.current(), 7)

    def agreement(model):
        theirs = np.array(model.program.scorer(backends.current(), [0]).score(np.arange(25, dtype=np.int32)))
        theirs = np.take_along_axis(theirs, told["teacher/items"], axis=1)
        return np.mean([np.corrcoef(*pair)[0, 1] for pair in zip(theirs[1:], told["teacher/scores"][1:])])

    assert agreement(made) > agreement(student) + 0.2
    assert made.trained and made.program.parameters == student.program.parameters


def test_whole_numbers_are_not_trained():
    made = model_of(PRODUCT.format(width=16)).compress(quantize="int4")
    for verb in (lambda: made.train(epochs=1), lambda: made.compress(quantize="int8")):
        with pytest.raises(ModelError, match="whole numbers"):
            verb()
    assert made.trained and np.isfinite(made.predict(USERS, ITEMS)).all()
