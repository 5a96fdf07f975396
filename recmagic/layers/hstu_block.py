"""A block of a hierarchical sequential transduction unit: gated attention without a softmax."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="recmagic")
class HSTUBlock(keras.layers.Layer):
    """One causal block over a sequence (batch, length, width), which keeps its shape (HSTU, Zhai et al. 2024).

    Query, key, value and gate are SiLU of one projection of the normalised steps. A step attends to itself and earlier
    ones by silu(query . key + bias of the distance) / length, with no softmax, so that the strength of a preference is
    kept; what it finds is normalised, gated, projected and added to the step. The paper's bias of the time between
    steps is left out. Masked steps are not attended to. ValueError where `heads` does not divide the width, or the
    length is not fixed.
    """

    def __init__(self, heads: int = 1, dropout: float = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.heads, self.dropout_rate = heads, dropout
        self.supports_masking = True

    def build(self, shape: tuple[int | None, ...]) -> None:
        if len(shape) != 3 or shape[1] is None:
            raise ValueError("HSTUBlock needs a sequence of a fixed length, such as history(item, 50).")
        width = shape[-1]
        if width is None or width % self.heads:
            raise ValueError(f"{self.heads} heads do not divide a width of {width}.")
        self.norms = [keras.layers.LayerNormalization(epsilon=1e-6, name=f"norm_{place}") for place in range(2)]
        self.project = keras.layers.Dense(4 * width, use_bias=False, activation="silu", name="gate_value_query_key")
        self.outer = keras.layers.Dense(width, name="outer")
        self.dropout = keras.layers.Dropout(self.dropout_rate, name="dropout")
        for layer in (*self.norms, self.project, self.outer):
            layer.build(shape)
        self.distances = self.add_weight(shape=(shape[1],), name="distances",
                                         initializer=keras.initializers.RandomNormal(stddev=0.02))

    def call(self, sequence: Any, mask: Any = None, training: bool = False) -> Any:
        length, width = sequence.shape[1:]
        split = ops.reshape(self.project(self.norms[0](sequence)), (-1, length, 4, self.heads, width // self.heads))
        gate, value, query, key = (split[:, :, place] for place in range(4))
        weights = ops.silu(ops.einsum("bqhd,bkhd->bhqk", query, key) + self._bias(length)) * (1.0 / length)
        weights = weights * ops.tril(ops.ones((length, length), weights.dtype))
        if mask is not None:
            weights = weights * ops.cast(ops.expand_dims(ops.expand_dims(mask, 1), 1), weights.dtype)
        found = ops.reshape(ops.einsum("bhqk,bkhd->bqhd", weights, value), (-1, length, width))
        gated = self.norms[1](found) * ops.reshape(gate, (-1, length, width))
        return sequence + self.outer(self.dropout(gated, training=training))

    def _bias(self, length: int) -> Any:
        """Return the bias (length, length) of a query's step and a key's: one trained number for each distance."""
        steps = ops.arange(length, dtype="int32")
        apart = ops.expand_dims(steps, 1) - ops.expand_dims(steps, 0)
        return ops.take(ops.cast(self.distances, self.compute_dtype), ops.maximum(apart, 0), axis=0)

    def compute_output_shape(self, shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "heads": self.heads, "dropout": self.dropout_rate}
