"""Self-attention and a feed-forward network, each with a residual connection and layer normalisation."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

HIDDEN = -1e9  # the logit of a step that may not be attended to


@keras.saving.register_keras_serializable(package="recmagic")
class TransformerBlock(keras.layers.Layer):
    """One block of a transformer over a sequence (batch, length, width), which keeps its shape.

    x + attention(norm(x)), then x + units -> width (norm(x)): pre-normalisation (Xiong et al. 2020) of Vaswani et al.
    2017, as in SASRec (Kang & McAuley 2018). With `causal`, a step sees itself and earlier ones only. `units` is the
    width of the inner layer (default: that of the sequence). ValueError where `heads` does not divide the width.
    """

    def __init__(self, heads: int = 1, causal: bool = False, units: int | None = None, dropout: float = 0.0,
                 activation: Any = "relu", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.heads, self.causal, self.units, self.dropout_rate = heads, causal, units, dropout
        self.activation = keras.activations.get(activation)
        self.supports_masking = True

    def build(self, shape: tuple[int | None, ...]) -> None:
        width = shape[-1]
        if width is None or width % self.heads:
            raise ValueError(f"{self.heads} heads do not divide a width of {width}.")
        self.norms = [keras.layers.LayerNormalization(epsilon=1e-6, name=f"norm_{place}") for place in range(2)]
        self.project = keras.layers.Dense(3 * width, name="query_key_value")
        self.attended = keras.layers.Dense(width, name="attended")
        self.inner = keras.layers.Dense(self.units or width, activation=self.activation, name="inner")
        self.outer = keras.layers.Dense(width, name="outer")
        self.dropout = keras.layers.Dropout(self.dropout_rate, name="dropout")
        for layer in (*self.norms, self.project, self.attended, self.inner):
            layer.build(shape)
        self.outer.build((*shape[:-1], self.units or width))

    def call(self, sequence: Any, mask: Any = None, training: bool = False) -> Any:
        found = self._attention(self.norms[0](sequence), mask, training)
        sequence = sequence + self.dropout(self.attended(found), training=training)
        changed = self.outer(self.dropout(self.inner(self.norms[1](sequence)), training=training))
        return sequence + self.dropout(changed, training=training)

    def _attention(self, sequence: Any, mask: Any, training: bool) -> Any:
        """Return scaled dot-product attention (batch, length, width) of all heads side by side."""
        length, width = sequence.shape[1], sequence.shape[2]
        size = width // self.heads
        split = ops.reshape(self.project(sequence), (-1, length, 3, self.heads, size))
        query, key, value = (split[:, :, place] for place in range(3))
        logits = ops.einsum("bqhd,bkhd->bhqk", query, key) * size**-0.5
        if self.causal:
            steps = ops.arange(length)
            logits = ops.where(ops.expand_dims(steps, 0) > ops.expand_dims(steps, 1), HIDDEN, logits)
        if mask is not None:
            logits = ops.where(ops.expand_dims(ops.expand_dims(mask, 1), 1), logits, HIDDEN)
        weights = self.dropout(ops.softmax(logits, axis=-1), training=training)
        return ops.reshape(ops.einsum("bhqk,bkhd->bqhd", weights, value), (-1, length, width))

    def compute_output_shape(self, shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return shape

    def get_config(self) -> dict[str, Any]:
        own = {"heads": self.heads, "causal": self.causal, "units": self.units, "dropout": self.dropout_rate}
        return {**super().get_config(), **own, "activation": keras.activations.serialize(self.activation)}
