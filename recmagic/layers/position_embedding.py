"""A trained vector for each place in a sequence."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="recmagic")
class PositionEmbedding(keras.layers.Layer):
    """Add a trained vector for its place to each step of a sequence (batch, length, width).

    Places count from the newest step: sequences are padded on the left, so the last place is always the newest
    (Kang & McAuley 2018, SASRec). The sequence must have a fixed length; ValueError otherwise.
    """

    def __init__(self, initializer: Any = "uniform", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.initializer = keras.initializers.get(initializer)

    def build(self, shape: tuple[int | None, ...]) -> None:
        if len(shape) != 3 or shape[1] is None:
            raise ValueError("PositionEmbedding needs a sequence of a fixed length, such as history(item, 50).")
        self.table = self.add_weight(shape=shape[1:], initializer=self.initializer, name="places")

    def call(self, sequence: Any) -> Any:
        return ops.add(sequence, ops.expand_dims(self.table, 0))

    def compute_output_shape(self, shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "initializer": keras.initializers.serialize(self.initializer)}
