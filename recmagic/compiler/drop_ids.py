"""A layer that turns some ids into the unknown one during training, so that row 0 learns to stand for anybody."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="recmagic")
class DropIds(keras.layers.Layer):
    """Set each code of an integer tensor to 0 with probability `rate` in training; pass codes through otherwise.

    Volkovs et al. 2017, DropoutNet: addressing cold start in recommender systems.
    """

    def __init__(self, rate: float, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rate, self.seed = rate, seed
        self.generator = keras.random.SeedGenerator(seed)

    def call(self, codes: Any, training: bool = False) -> Any:
        if not training:
            return codes
        kept = keras.random.uniform(ops.shape(codes), seed=self.generator) >= self.rate
        return ops.where(kept, codes, ops.zeros_like(codes))

    def compute_output_shape(self, shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "rate": self.rate, "seed": self.seed}
