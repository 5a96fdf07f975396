"""The sum of clipped gradients against a loop in numpy, for every cell that splits by user, on this backend."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from recmagic.errors import TrainingError
from recmagic.privacy import Privacy
from recmagic.training.objective import Objective
from tests.backends.cells import DRAWING, cells
from tests.compiler.tiny import compiled
from tests.privacy.units import BACKEND, by_hand, one_batch, prepared, step, taken_off

CELLS = {name: cell for name, cell in cells().items() if name not in DRAWING}
PAIRS = "negatives: uniform(3) of pairs"
ALWAYS = (PAIRS, "layers: every step")  # a unit of several rows, and one that is a sequence
NOISELESS = {"noise": 0.0}


def allowed(cell, unit="user"):
    program = compiled(cell)
    try:
        Privacy(epsilon=1, unit=unit).check(program)
    except TrainingError as error:
        pytest.skip(error.message)
    return program


@pytest.mark.parametrize("name", [name if name in ALWAYS else pytest.param(name, marks=pytest.mark.slow)
                                  for name in CELLS])
def test_a_private_step_is_the_sum_of_clipped_gradients(name):
    program = allowed(CELLS[name])
    made = prepared(program, **NOISELESS)
    batch = one_batch(made)
    clip, expected = by_hand(program, made, batch)
    found = step(program, replace(made, arrays=made.arrays | {"private/clip": np.asarray(clip, np.float32)}), batch)[0]
    for one, other in zip(found, expected):
        np.testing.assert_allclose(one, other, atol=1e-6)


@pytest.mark.parametrize("name", [PAIRS, pytest.param("losses: MeanSquaredError", marks=pytest.mark.slow)])
def test_without_cutting_and_noise_a_step_over_all_interactions_is_ordinary_gradient_descent(name):
    program = allowed(CELLS[name], "interaction")
    made = prepared(program, Privacy(epsilon=1, unit="interaction"), clip=np.inf, **NOISELESS)
    batch = one_batch(made)
    present = batch["present"] > 0
    assert present.all() or made.examples.rate == 1
    whole = {each: batch[each][present].reshape(-1, *batch[each].shape[2:]) for each in batch
             if each not in ("present", "noise")}
    runner = BACKEND.runner(Objective(program.cut, program.learning), program.cut, lambda: keras.optimizers.SGD(1.0))
    ordinary = taken_off(program, runner, made.arrays, [whole])[0]
    for found, expected in zip(step(program, made, batch)[0], ordinary):
        np.testing.assert_allclose(found, expected, atol=1e-6)


@pytest.mark.parametrize("unit", ["user", "interaction"])
def test_whoever_appears_moves_the_sum_by_no_more_than_the_clip(unit):
    program = compiled(CELLS[PAIRS])
    made = prepared(program, Privacy(epsilon=1, unit=unit, rows=3), clip=0.02, expected=1.0, **NOISELESS)
    batch = one_batch(made)
    without = [batch | {"present": np.where(np.arange(len(batch["present"])) == place, 0, batch["present"])}
               for place in np.flatnonzero(batch["present"])[:6]]
    whole, *rests = step(program, made, batch, *without)
    lengths = [np.sqrt(sum(np.sum((one - other).astype(np.float64) ** 2) for one, other in zip(whole, rest)))
               for rest in rests]
    assert max(lengths) <= 0.02 * (1 + 1e-4)
    assert max(lengths) > 0.019  # it is reached, so the test could fail


def test_a_unit_whose_gradient_is_no_number_moves_nothing():
    program = compiled("score = (embedding(user_id, 4) + number(age)) @ embedding(item_id, 4)\nloss = BPR()\n"
                       "negatives = uniform(2)")
    made = prepared(program, clip=0.02, **NOISELESS)
    batch = one_batch(made)
    place = int(np.flatnonzero(batch["present"])[0])
    ages = made.arrays["user/age"].copy()
    ages[batch["users"][place]] = np.inf
    broken = replace(made, arrays=made.arrays | {"user/age": ages})
    without = batch | {"present": np.where(np.arange(len(batch["present"])) == place, 0, batch["present"])}
    for found, expected in zip(*step(program, broken, batch), *step(program, made, without)):
        np.testing.assert_allclose(found, expected, atol=1e-7)


def test_every_number_that_is_trained_gets_noise_of_its_own_but_the_unknown_rows():
    program = compiled(CELLS[PAIRS])
    made = prepared(program, noise=3.0, clip=1e-6, expected=2.0)
    batch = one_batch(made)
    first, again, other = step(program, made, batch, batch, batch | {"noise": batch["noise"] + 1})
    for one, two, three in zip(first, again, other):
        np.testing.assert_array_equal(one, two)
        assert not (one[0] if len(one.shape) > 1 else np.zeros(1)).any() and (one[1:] != three[1:]).all()
    drawn = np.concatenate([each[1:].ravel() for each in first])
    assert len(np.unique(drawn)) == len(drawn)
    assert drawn.std() == pytest.approx(1.5, rel=0.15) and abs(drawn.mean()) < 0.5


def test_no_table_is_computed_for_each_unit():
    program = compiled(CELLS[PAIRS])
    made = prepared(program)
    assert [table.name for table in made.clipping.tables]
