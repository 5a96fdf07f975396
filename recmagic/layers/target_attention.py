"""Attention to a user's past by what is asked about: the local activation unit of DIN."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from recmagic.layers import widths


@keras.saving.register_keras_serializable(package="recmagic")
class TargetAttention(keras.layers.Layer):
    """Sum a sequence (batch, length, width) by how much each step matters to a target (batch, width): (batch, width).

    A step's weight is a network over the step, the target, their difference and their product; the weights are not
    normalised, so that a sum says how much of the past matters (Zhou et al. 2018, Deep interest network). `units` are
    the widths of the hidden layers. Masked steps weigh nothing. ValueError where the two differ in width.
    """

    def __init__(self, units: Sequence[int] = (80, 40), activation: Any = "sigmoid", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units = widths("units", units)
        self.activation = keras.activations.get(activation)
        self.supports_masking = True

    def build(self, sequence_shape: tuple[Any, ...], target_shape: tuple[Any, ...]) -> None:
        self.compute_output_shape(sequence_shape, target_shape)
        self.hidden = [keras.layers.Dense(width, activation=self.activation, name=f"hidden_{place}")
                       for place, width in enumerate(self.units)]
        self.weight = keras.layers.Dense(1, name="weight")
        width = 4 * sequence_shape[-1]
        for layer in (*self.hidden, self.weight):
            layer.build((*sequence_shape[:2], width))
            width = getattr(layer, "units", width)

    def call(self, sequence: Any, target: Any, mask: Any = None) -> Any:
        mask = mask[0] if isinstance(mask, (list, tuple)) else mask
        target = ops.repeat(ops.expand_dims(target, 1), sequence.shape[1], axis=1)
        weights = ops.concatenate([sequence, target, sequence - target, sequence * target], axis=-1)
        for layer in (*self.hidden, self.weight):
            weights = layer(weights)
        if mask is not None:
            weights = weights * ops.expand_dims(ops.cast(mask, weights.dtype), -1)
        return ops.sum(weights * sequence, axis=1)

    def compute_mask(self, sequence: Any, target: Any = None, mask: Any = None) -> None:
        return None

    def compute_output_shape(self, sequence_shape: tuple[Any, ...],
                             target_shape: tuple[Any, ...]) -> tuple[Any, ...]:
        if len(sequence_shape) != 3 or len(target_shape) != 2:
            raise ValueError("TargetAttention needs a sequence and a vector: (history(item, 50), item).")
        if sequence_shape[-1] != target_shape[-1]:
            raise ValueError(f"The sequence is {sequence_shape[-1]} wide and the target {target_shape[-1]}; "
                             "they must have one width.")
        return (sequence_shape[0], sequence_shape[2])

    def get_config(self) -> dict[str, Any]:
        own = {"units": list(self.units), "activation": keras.activations.serialize(self.activation)}
        return {**super().get_config(), **own}
