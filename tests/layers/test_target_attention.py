"""DIN's attention against its activation unit written out step by step in numpy."""

import numpy as np
import pytest

from recmagic.layers.target_attention import TargetAttention
from tests.layers.checked import MASK, array, check_saving, dense, numbers, shaken, sigmoid


def by_hand(weights: dict, sequence: np.ndarray, target: np.ndarray, mask: np.ndarray) -> np.ndarray:
    found = np.zeros_like(target)
    for row in range(len(sequence)):
        for step in np.flatnonzero(mask[row]):
            one, other = sequence[row, step], target[row]
            hidden = np.concatenate([one, other, one - other, one * other])
            for name in ("hidden_0", "hidden_1"):
                hidden = sigmoid(dense(hidden, weights, name))
            found[row] += dense(hidden, weights, "weight") * one
    return found


@pytest.mark.parametrize("mask", [MASK, np.ones_like(MASK)], ids=["padded", "full"])
def test_a_step_counts_by_a_network_over_it_and_the_target(mask):
    layer, sequence, target = TargetAttention((7, 3)), numbers(3, 5, 4), numbers(3, 4, seed=1)
    weights = shaken(layer, sequence, target)
    found = array(layer(sequence, target, mask=None if mask.all() else mask))
    np.testing.assert_allclose(found, by_hand(weights, sequence, target, mask), rtol=1e-4, atol=1e-5)


def test_it_survives_saving(tmp_path):
    check_saving(TargetAttention((6,), "relu"), tmp_path, numbers(3, 5, 4), numbers(3, 4))


def test_what_does_not_fit_is_refused_in_words():
    with pytest.raises(ValueError, match="sequence is 4 wide and the target 8"):
        TargetAttention()(numbers(2, 5, 4), numbers(2, 8))
    with pytest.raises(ValueError, match="a sequence and a vector"):
        TargetAttention()(numbers(2, 4), numbers(2, 4))
    with pytest.raises(ValueError, match="whole numbers from 1 up"):
        TargetAttention((8, 0))
