"""A batch that is computed in slices gives what it gives at once."""

import keras
import numpy as np
import pytest

from recmagic import backends
from recmagic.backends.protocol import Slices
from recmagic.training import slicing
from recmagic.training.objective import Objective
from recmagic.training.slicing import slices
from tests.compiler.tiny import compiled
from tests.training.runs import batches, parts

ITEM = "item = embedding(item_id, 4)\n"
BLOCK = ITEM + "score = (history(item, 5) >> PositionEmbedding() >> TransformerBlock(heads=2, causal=True)) @ item\n"
BATCH = 24  # of 40 users: the last batch of an epoch is of another size
TOGETHER = {
    "in_batch": BLOCK + "loss = CategoricalCrossentropy()\nnegatives = in_batch()",
    "shared": BLOCK + "loss = CategoricalCrossentropy()\nnegatives = uniform(6, shared=True)",
    "penalty": BLOCK.replace("(item_id, 4)", "(item_id, 4, l2=0.1)") + "loss = BPR()",
    "normalised": BLOCK.replace("causal=True)", "causal=True) >> BatchNormalization()") + "loss = BPR()",
    "pairs": ITEM + "score = embedding(user_id, 4) @ item\nloss = BPR()",
}
ALONE = {
    "drawn": BLOCK + "loss = BinaryCrossentropy()\nnegatives = uniform(2)",
    "catalogue": BLOCK + "loss = CategoricalCrossentropy()\nnegatives = catalogue()",
}


def learned(cell, at_once):
    """The losses and weights of three epochs of plain descent."""
    program = compiled(cell + "\noptimizer = SGD(0.5)")
    objective = Objective(program.cut, program.learning)
    arrays, examples = parts(program, BATCH)
    runner = backends.current().runner(objective, program.cut, program.make_optimizer, (),
                                       Slices(objective.sums, at_once) if at_once else None)
    runner.begin(arrays)
    losses = [float(keras.ops.convert_to_numpy(runner.run(runner.place({name: value[None] for name, value in
                                                                        batch.items()}), 0, 1))[0])
              for batch in batches(examples, 3)]
    runner.publish()
    return losses, [np.asarray(each) for each in program.cut.get_weights()]


@pytest.mark.parametrize("at_once", [1, 7, 23])
@pytest.mark.parametrize("name", ALONE)
def test_slices_add_up(name, at_once):
    (losses, weights), (expected, values) = learned(ALONE[name], at_once), learned(ALONE[name], None)
    assert expected[-1] < expected[0]
    np.testing.assert_allclose(losses, expected, atol=2e-6)
    for found, value in zip(weights, values):
        np.testing.assert_allclose(found, value, atol=2e-6)


@pytest.mark.parametrize("name", TOGETHER | ALONE)
def test_only_what_adds_up_is_sliced(name, monkeypatch):
    program = compiled((TOGETHER | ALONE)[name])
    examples = parts(program, BATCH)[1]
    objective = Objective(program.cut, program.learning)
    assert slices(program, objective, examples) is None  # so small a batch needs none
    monkeypatch.setattr(slicing, "NUMBERS_AT_ONCE", 2000)
    found = slices(program, objective, examples)
    assert (found is not None) == (name in ALONE)
    assert found is None or 1 <= found.at_once < BATCH
