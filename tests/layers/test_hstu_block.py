"""An HSTU block against its attention written out pair by pair in numpy."""

import numpy as np
import pytest

from recmagic.layers.hstu_block import HSTUBlock
from tests.layers.checked import MASK, array, check_saving, dense, norm, numbers, shaken, sigmoid

LENGTH, WIDTH, HEADS = 5, 6, 2


def silu(x: np.ndarray) -> np.ndarray:
    return x * sigmoid(x)


def by_hand(weights: dict, x: np.ndarray, mask: np.ndarray) -> np.ndarray:
    projected = silu(dense(norm(x, weights, "norm_0"), weights, "gate_value_query_key"))
    gate, value, query, key = np.split(projected, 4, axis=-1)
    found, size = np.zeros_like(x), WIDTH // HEADS
    for row in range(len(x)):
        for part in (slice(head * size, (head + 1) * size) for head in range(HEADS)):
            for step in range(LENGTH):
                for other in range(step + 1):
                    if mask[row, other]:
                        logit = query[row, step, part] @ key[row, other, part] + weights["distances"][step - other]
                        found[row, step, part] += silu(logit) / LENGTH * value[row, other, part]
    return x + dense(norm(found, weights, "norm_1") * gate, weights, "outer")


@pytest.mark.parametrize("mask", [MASK, np.ones_like(MASK)], ids=["padded", "full"])
def test_a_block_is_gated_attention_without_a_softmax(mask):
    block, x = HSTUBlock(heads=HEADS), numbers(3, LENGTH, WIDTH)
    weights = shaken(block, x)
    found = array(block(x, mask=None if mask.all() else mask))
    np.testing.assert_allclose(found[mask], by_hand(weights, x, mask)[mask], rtol=2e-3, atol=2e-4)


def test_no_step_sees_a_later_one():
    block, x = HSTUBlock(heads=2), numbers(2, LENGTH, WIDTH)
    shaken(block, x)
    changed = x.copy()
    changed[:, 3:] += 1
    np.testing.assert_array_equal(array(block(x))[:, :3], array(block(changed))[:, :3])


def test_it_survives_saving(tmp_path):
    check_saving(HSTUBlock(heads=2, dropout=0.3), tmp_path, numbers(3, LENGTH, WIDTH))


def test_what_does_not_fit_is_refused_in_words():
    with pytest.raises(ValueError, match="3 heads do not divide a width of 8"):
        HSTUBlock(heads=3)(numbers(1, 4, 8))
    with pytest.raises(ValueError, match="fixed length"):
        HSTUBlock()(numbers(2, 4))
