"""A transformer block against attention written out step by step in numpy."""

import keras
import numpy as np
import pytest

from recmagic.layers.position_embedding import PositionEmbedding
from recmagic.layers.transformer_block import QUERIES_AT_ONCE, TransformerBlock
from tests.layers.checked import array, dense, norm, numbers, shaken

WIDTH, HEADS = 6, 2
LONG = 2 * QUERIES_AT_ONCE + 3  # of a causal sequence this long, the queries are taken in three slices


def by_hand(weights: dict[str, np.ndarray], x: np.ndarray, mask: np.ndarray, causal: bool) -> np.ndarray:
    query, key, value = np.split(dense(norm(x, weights, "norm_0"), weights, "query_key_value"), 3, axis=-1)
    size, attended = WIDTH // HEADS, np.zeros_like(x)
    for row, steps in enumerate(mask):
        for step in range(len(steps)):
            seen = [k for k in np.flatnonzero(steps) if k <= step or not causal]
            for part in (slice(head * size, (head + 1) * size) for head in range(HEADS)):
                if seen:  # what comes out of a padded step that sees nothing is never used
                    logits = key[row, seen, part] @ query[row, step, part] / np.sqrt(size)
                    share = np.exp(logits - logits.max())
                    attended[row, step, part] = (share / share.sum()) @ value[row, seen, part]
    x = x + dense(attended, weights, "attended")
    return x + dense(np.maximum(dense(norm(x, weights, "norm_1"), weights, "inner"), 0), weights, "outer")


def padded(*lengths: int) -> np.ndarray:
    """Masks of sequences that long, padded on the left to the longest."""
    return np.arange(max(lengths), 0, -1) <= np.array(lengths)[:, None]


CASES = pytest.mark.parametrize(("causal", "mask"), [(True, padded(5, 3, 1)), (False, padded(5, 3, 1)),
                                                     (True, padded(LONG, QUERIES_AT_ONCE, 2))])


@CASES
def test_a_block_is_attention_and_a_network_with_residuals(causal: bool, mask: np.ndarray) -> None:
    block, x = TransformerBlock(heads=HEADS, causal=causal, units=8), numbers(*mask.shape, WIDTH)
    weights = shaken(block, x)
    np.testing.assert_allclose(array(block(x, mask=mask))[mask], by_hand(weights, x, mask, causal)[mask],
                               rtol=2e-4, atol=1e-4)
    everything = np.ones_like(mask)
    np.testing.assert_allclose(array(block(x)), by_hand(weights, x, everything, causal), rtol=2e-4, atol=1e-4)


@CASES
def test_a_block_learns_by_the_slope_of_the_attention(causal: bool, mask: np.ndarray) -> None:
    block, x = TransformerBlock(heads=HEADS, causal=causal, units=8), numbers(*mask.shape, WIDTH)
    before = {name: value.astype(np.float64) for name, value in shaken(block, x).items()}
    pull = numbers(*mask.shape, WIDTH, seed=1) * mask[..., None]  # what the loss is made of: nothing of padded steps
    inputs = keras.Input(x.shape[1:]), keras.Input(mask.shape[1:], dtype="bool")
    model = keras.Model(inputs, block(inputs[0], mask=inputs[1]))
    model.compile(keras.optimizers.SGD(1.0), loss=lambda pull, found: keras.ops.sum(pull * found))
    model.train_on_batch([x, mask], pull)

    def loss(weights: dict[str, np.ndarray]) -> float:
        return float((by_hand(weights, x.astype(np.float64), mask, causal) * pull).sum())

    for each in block.trainable_weights:
        name = each.path.split("/", 1)[1]
        slope, way = before[name] - array(each.value), numbers(*each.shape, seed=2).astype(np.float64)
        up, down = (loss(before | {name: before[name] + sign * 1e-5 * way}) for sign in (1, -1))
        np.testing.assert_allclose((slope * way).sum(), (up - down) / 2e-5, rtol=1e-3, atol=2e-3, err_msg=name)


def test_a_block_in_16_bits_gives_numbers_where_steps_are_padded() -> None:
    block = TransformerBlock(heads=HEADS, causal=True, dtype="mixed_float16")
    assert np.isfinite(array(block(numbers(2, 5, WIDTH), mask=padded(5, 2)))).all()


def test_a_block_survives_its_config_and_refuses_heads_that_do_not_fit() -> None:
    block = TransformerBlock(heads=2, causal=True, units=8, dropout=0.1)
    assert TransformerBlock.from_config(block.get_config()).get_config() == block.get_config()
    with pytest.raises(ValueError, match="3 heads do not divide a width of 8"):
        TransformerBlock(heads=3)(np.zeros((1, 4, 8), np.float32))


def test_positions_are_added_by_place() -> None:
    layer = PositionEmbedding()
    x = np.ones((2, 4, 3), np.float32)
    found = keras.ops.convert_to_numpy(layer(x))
    table = keras.ops.convert_to_numpy(layer.table)
    np.testing.assert_allclose(found, x + table)
    assert len(np.unique(table)) > 1
    with pytest.raises(ValueError, match="fixed length"):
        PositionEmbedding()(np.zeros((2, 3), np.float32))
