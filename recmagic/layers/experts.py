"""Several small networks side by side, for tasks that share them."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from recmagic.layers import widths


@keras.saving.register_keras_serializable(package="recmagic")
class Experts(keras.layers.Layer):
    """Apply `count` networks of one layer, each of `units`, to a vector (batch, n): (batch, count, units).

    The experts of a mixture (MMoE, Ma et al. 2018, Modeling task relationships in multi-task learning with multi-gate
    mixture-of-experts); an ExpertGate for each task mixes them. ValueError unless both are whole numbers from 1 up.
    """

    def __init__(self, count: int = 8, units: int = 64, activation: Any = "relu", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.count, self.units = widths("count and units", (count, units))
        self.activation = keras.activations.get(activation)

    def build(self, shape: tuple[int | None, ...]) -> None:
        self.compute_output_shape(shape)
        # One product for all of them; he_uniform looks at the fan-in alone, so each starts as if it were by itself.
        self.together = keras.layers.Dense(self.count * self.units, name="together",
                                           kernel_initializer="he_uniform")
        self.together.build(shape)

    def call(self, vector: Any) -> Any:
        return self.activation(ops.reshape(self.together(vector), (-1, self.count, self.units)))

    def compute_output_shape(self, shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        if len(shape) != 2:
            raise ValueError("Experts needs a vector, such as concat(user, item).")
        return (shape[0], self.count, self.units)

    def get_config(self) -> dict[str, Any]:
        own = {"count": self.count, "units": self.units, "activation": keras.activations.serialize(self.activation)}
        return {**super().get_config(), **own}
