"""A gate on features: what of them counts, seen from a context."""

from __future__ import annotations

from typing import Any

import keras


@keras.saving.register_keras_serializable(package="recmagic")
class FeatureGate(keras.layers.Layer):
    """Weigh each number of a vector (..., width) by a context (..., n): vector * 2 sigmoid(network(context)).

    The soft feature selection that gives each stream of FinalMLP its own view (Mao et al. 2023): 1 leaves a number as
    it is. `units` is the width of the network's hidden layer, ReLU.
    """

    def __init__(self, units: int = 64, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units = units

    def build(self, vector_shape: tuple[int | None, ...], context_shape: tuple[int | None, ...]) -> None:
        self.inner = keras.layers.Dense(self.units, activation="relu", name="inner")
        self.gate = keras.layers.Dense(vector_shape[-1], activation="sigmoid", name="gate")
        self.inner.build(context_shape)
        self.gate.build((*context_shape[:-1], self.units))

    def call(self, vector: Any, context: Any) -> Any:
        return vector * self.gate(self.inner(context)) * 2.0

    def compute_output_shape(self, vector_shape: tuple[int | None, ...],
                             context_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return vector_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "units": self.units}
