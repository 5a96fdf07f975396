"""Self-attention and a feed-forward network, each with a residual connection and layer normalisation."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

HIDDEN = -6e4  # the logit of a step that may not be attended to; 16 bits hold it
QUERIES_AT_ONCE = 100  # of a causal sequence: a slice of queries leaves out the keys after it; smaller ones cost more


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
        layers, kind = keras.layers, self.dtype_policy
        self.norms = [layers.LayerNormalization(epsilon=1e-6, name=f"norm_{place}", dtype=kind) for place in range(2)]
        self.project = layers.Dense(3 * width, name="query_key_value", dtype=kind)
        self.attended = layers.Dense(width, name="attended", dtype=kind)
        self.inner = layers.Dense(self.units or width, activation=self.activation, name="inner", dtype=kind)
        self.outer = layers.Dense(width, name="outer", dtype=kind)
        self.dropout = layers.Dropout(self.dropout_rate, name="dropout", dtype=kind)
        for layer in (*self.norms, self.project, self.attended, self.inner):
            layer.build((None, width))
        self.outer.build((None, self.units or width))

    def call(self, sequence: Any, mask: Any = None, training: bool = False) -> Any:
        length, width = sequence.shape[1:]
        # Steps are rows of one matrix: a Dense on a sequence makes XLA copy it, transposed, for its gradient.
        rows = ops.reshape(sequence, (-1, width))
        found = self._attention(self.project(self.norms[0](rows)), length, mask, training)
        rows = rows + self.dropout(self.attended(found), training=training)
        changed = self.outer(self.dropout(self.inner(self.norms[1](rows)), training=training))
        return ops.reshape(rows + self.dropout(changed, training=training), (-1, length, width))

    def _attention(self, projected: Any, length: int, mask: Any, training: bool) -> Any:
        """Return scaled dot-product attention (batch * length, width) of all heads side by side."""
        width = projected.shape[-1] // 3
        split = ops.reshape(projected, (-1, length, 3, self.heads, width // self.heads))
        query, key, value = ops.unstack(ops.transpose(split, (2, 0, 3, 1, 4)), 3)
        query = query * (width // self.heads)**-0.5
        slices = -(-length // QUERIES_AT_ONCE) if self.causal else 1
        size = -(-length // slices)
        found = []
        for first in range(0, length, size):
            last = min(first + size, length)
            logits = ops.matmul(query[:, :, first:last], ops.transpose(key[:, :, :last], (0, 1, 3, 2)))
            weights = ops.softmax(self._hidden(logits, first, mask), axis=-1)
            found.append(ops.matmul(self.dropout(weights, training=training), value[:, :, :last]))
        return ops.reshape(ops.transpose(ops.concatenate(found, axis=2), (0, 2, 1, 3)), (-1, width))

    def _hidden(self, logits: Any, first: int, mask: Any) -> Any:
        """Return logits (batch, heads, queries from `first` on, keys up to the last query) with those hidden that may
        not be attended to."""
        queries, keys = logits.shape[2:]
        if self.causal:
            later = ops.expand_dims(ops.arange(keys), 0) > ops.expand_dims(ops.arange(first, first + queries), 1)
            logits = ops.where(later, HIDDEN, logits)
        if mask is not None:
            logits = ops.where(ops.expand_dims(ops.expand_dims(mask[:, :keys], 1), 1), logits, HIDDEN)
        return logits

    def compute_output_shape(self, shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return shape

    def get_config(self) -> dict[str, Any]:
        own = {"heads": self.heads, "causal": self.causal, "units": self.units, "dropout": self.dropout_rate}
        return {**super().get_config(), **own, "activation": keras.activations.serialize(self.activation)}
