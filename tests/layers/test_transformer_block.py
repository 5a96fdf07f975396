"""A transformer block against attention written out step by step in numpy."""

import keras
import numpy as np
import pytest

from recmagic.layers.position_embedding import PositionEmbedding
from recmagic.layers.transformer_block import TransformerBlock

LENGTH, WIDTH, HEADS = 5, 6, 2


def by_hand(block: TransformerBlock, x: np.ndarray, mask: np.ndarray, causal: bool) -> np.ndarray:
    weights = {each.path.split("/", 1)[1]: np.asarray(each.value) for each in block.weights}

    def norm(x, name):
        mean, deviation = x.mean(-1, keepdims=True), np.sqrt(x.var(-1, keepdims=True) + 1e-6)
        return (x - mean) / deviation * weights[f"{name}/gamma"] + weights[f"{name}/beta"]

    def dense(x, name):
        return x @ weights[f"{name}/kernel"] + weights[f"{name}/bias"]

    query, key, value = np.split(dense(norm(x, "norm_0"), "query_key_value"), 3, axis=-1)
    size, attended = WIDTH // HEADS, np.zeros_like(x)
    for row in range(len(x)):
        for head in range(HEADS):
            part = slice(head * size, (head + 1) * size)
            for step in range(LENGTH):
                seen = [k for k in range(LENGTH) if mask[row, k] and (k <= step or not causal)]
                if not seen:  # a padded step that sees nothing: what comes out is never used
                    seen = list(range(LENGTH))
                logits = np.array([query[row, step, part] @ key[row, k, part] for k in seen]) / np.sqrt(size)
                share = np.exp(logits - logits.max())
                attended[row, step, part] = (share / share.sum()) @ value[row, seen][:, part]
    x = x + dense(attended, "attended")
    return x + dense(np.maximum(dense(norm(x, "norm_1"), "inner"), 0), "outer")


@pytest.mark.parametrize("causal", [True, False])
def test_a_block_is_attention_and_a_network_with_residuals(causal: bool) -> None:
    rng = np.random.default_rng(0)
    block = TransformerBlock(heads=HEADS, causal=causal, units=8)
    x = rng.normal(size=(3, LENGTH, WIDTH)).astype(np.float32)
    mask = np.array([[1] * 5, [0, 0, 1, 1, 1], [0, 0, 0, 0, 1]], dtype=bool)
    block(x)
    for each in block.weights:
        each.assign(rng.normal(size=each.shape).astype(np.float32) * 0.5)
    found = keras.ops.convert_to_numpy(block(x, mask=mask))
    np.testing.assert_allclose(found[mask], by_hand(block, x, mask, causal)[mask], rtol=2e-4, atol=2e-5)


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
