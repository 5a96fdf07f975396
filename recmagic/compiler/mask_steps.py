"""A layer that puts a trained vector in the place of hidden steps."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="recmagic")
class MaskSteps(keras.layers.Layer):
    """Called with (steps (B, L, D), hidden bool (B, L)): the steps, but one trained vector where they are hidden."""

    def build(self, shapes: Any) -> None:
        width = shapes[0][-1]
        self.vector = self.add_weight(shape=(width,), initializer="uniform", name="vector")

    def call(self, given: Any) -> Any:
        steps, hidden = given
        return ops.where(ops.expand_dims(hidden, -1), ops.cast(self.vector, steps.dtype), steps)

    def compute_output_shape(self, shapes: Any) -> Any:
        return shapes[0]
