"""A task's own mixture of shared experts."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="recmagic")
class ExpertGate(keras.layers.Layer):
    """Mix experts (batch, count, units) by a softmax that is linear in a vector (batch, n): (batch, units).

    A layer for each task, over the same experts (MMoE, Ma et al. 2018):
    `experts = x >> Experts(8, 64)`, then `(experts, x) >> ExpertGate() >> Dense(1)` for each score.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)

    def build(self, experts_shape: tuple[int | None, ...], vector_shape: tuple[int | None, ...]) -> None:
        if len(experts_shape) != 3 or len(vector_shape) != 2:
            raise ValueError("ExpertGate needs experts and a vector: (x >> Experts(8, 64), x) >> ExpertGate().")
        self.share = keras.layers.Dense(experts_shape[1], activation="softmax", use_bias=False, name="share")
        self.share.build(vector_shape)

    def call(self, experts: Any, vector: Any) -> Any:
        return ops.sum(experts * ops.expand_dims(self.share(vector), -1), axis=1)

    def compute_output_shape(self, experts_shape: tuple[int | None, ...],
                             vector_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (experts_shape[0], experts_shape[2])
