"""A NextItNet block against two convolutions written out tap by tap in numpy."""

import numpy as np
import pytest

from recmagic.layers.next_it_net_block import NextItNetBlock
from tests.layers.checked import MASK, array, check_saving, norm, numbers, shaken


def convolved(x: np.ndarray, weights: dict, name: str, dilation: int) -> np.ndarray:
    kernel, found = weights[f"{name}/kernel"], np.zeros_like(x)
    for step in range(x.shape[1]):
        for tap in range(len(kernel)):  # the last tap is the step itself
            earlier = step - (len(kernel) - 1 - tap) * dilation
            if earlier >= 0:
                found[:, step] += x[:, earlier] @ kernel[tap]
    return found + weights[f"{name}/bias"]


def by_hand(weights: dict, x: np.ndarray, mask: np.ndarray, dilation: int) -> np.ndarray:
    changed = x
    for place in range(2):
        seen = convolved(changed * mask[..., None], weights, f"convolution_{place}", dilation * (1 + place))
        changed = np.maximum(norm(seen, weights, f"norm_{place}"), 0)
    return x + changed


@pytest.mark.parametrize("mask", [MASK, np.ones_like(MASK)], ids=["padded", "full"])
@pytest.mark.parametrize("dilation", [1, 2])
def test_a_block_is_two_dilated_convolutions_with_a_residual(mask, dilation):
    block, x = NextItNetBlock(dilation), numbers(3, 5, 4)
    weights = shaken(block, x)
    found = array(block(x, mask=None if mask.all() else mask))
    np.testing.assert_allclose(found[mask], by_hand(weights, x, mask, dilation)[mask], rtol=2e-3, atol=2e-4)


def test_no_step_sees_a_later_one():
    block, x = NextItNetBlock(2), numbers(2, 9, 4)
    shaken(block, x)
    changed = x.copy()
    changed[:, 6:] += 1
    np.testing.assert_allclose(array(block(x))[:, :6], array(block(changed))[:, :6], atol=1e-6)


def test_it_survives_saving(tmp_path):
    check_saving(NextItNetBlock(2, kernel=2), tmp_path, numbers(3, 5, 4))


def test_what_does_not_fit_is_refused_in_words():
    with pytest.raises(ValueError, match="dilation is a whole number of steps from 1 up, not 0"):
        NextItNetBlock(0)
    with pytest.raises(ValueError, match="needs a sequence"):
        NextItNetBlock()(numbers(2, 4))
