"""What the compiler tells a loss about the data, and what it takes for granted beside it."""

import math

import pytest
from keras import ops

from recmagic.negatives import Negatives
from tests.compiler.tiny import compiled, data

FACTORS = "score = embedding(user_id, 4) @ embedding(item_id, 4)\n"


@pytest.mark.parametrize("loss", ["GBCE()", "WARP()"])
@pytest.mark.parametrize("negatives", ["", "negatives = in_batch()", "negatives = catalogue()"])
def test_a_loss_that_asks_is_told_how_many_items_there_are_to_choose_from(loss, negatives):
    learned = compiled(f"{FACTORS}loss = {loss}\n{negatives}").learning
    assert learned.loss.others == data().items.warm.sum() - 1


@pytest.mark.parametrize("loss, negatives", [
    ("GBCE", Negatives("drawn", 256)), ("WARP", Negatives("drawn", 16)), ("PairwiseHingeLoss", Negatives("drawn", 1)),
    ("BinaryFocalCrossentropy", Negatives("drawn", 4)), ("CategoricalCrossentropy", Negatives("catalogue")),
])
def test_the_candidates_that_a_loss_takes_by_default(loss, negatives):
    learned = compiled(f"{FACTORS}loss = {loss}()").learning
    assert learned.negatives == negatives
    assert next(each.text for each in learned.defaults if each.what == "negatives").startswith(
        "uniform" if negatives.source == "drawn" else "catalogue")


def test_a_focal_loss_stands_beside_a_target_of_two_classes():
    learned = compiled(f"{FACTORS}loss = BinaryFocalCrossentropy(gamma=1)\ntarget = at_least(rating, 4)").learning
    assert learned.kind == "binary" and learned.negatives is None
    given = learned.labelled(ops.convert_to_tensor([1.0, 0.0]), ops.convert_to_tensor([0.0, 0.0]))
    assert ops.convert_to_numpy(given).tolist() == pytest.approx([math.log(2) / 2] * 2)
