"""A Gaussian code instead of a vector: the middle of a variational autoencoder."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="recmagic")
class GaussianLatent(keras.layers.Layer):
    """Code a vector (batch, n) as a Gaussian and give a sample of it in training, its mean otherwise: (batch, units).

    Mean and log variance are linear in the vector. In training the layer adds to the loss the mean over the batch of
    the Kullback-Leibler divergence from a standard Gaussian, weighted by how many steps of training there have been:
    rising by 1 in `anneal_steps` steps, but to no more than `anneal_cap` (Liang et al. 2018, Variational autoencoders
    for collaborative filtering). ValueError where a setting makes no sense.
    """

    def __init__(self, units: int, anneal_cap: float = 0.2, anneal_steps: int = 20_000, seed: int | None = None,
                 **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not isinstance(units, int) or units < 1:
            raise ValueError(f"units is a whole number from 1 up, not {units!r}.")
        if not anneal_cap >= 0 or not anneal_steps >= 1:
            raise ValueError("anneal_cap is a weight from 0 up, and anneal_steps a number of steps from 1 up.")
        self.units, self.anneal_cap, self.anneal_steps, self.seed = units, anneal_cap, anneal_steps, seed
        self.generator = keras.random.SeedGenerator(seed)

    def build(self, shape: tuple[int | None, ...]) -> None:
        self.code = keras.layers.Dense(2 * self.units, name="mean_and_log_variance")
        self.code.build(shape)
        self.steps = self.add_weight(shape=(), initializer="zeros", trainable=False, name="steps", dtype="float32")

    def call(self, vector: Any, training: bool = False) -> Any:
        mean, log_variance = ops.split(self.code(vector), 2, axis=-1)
        if not training:
            return mean
        self.add_loss(self._weight() * _divergence(ops.cast(mean, "float32"), ops.cast(log_variance, "float32")))
        noise = keras.random.normal(ops.shape(mean), dtype=mean.dtype, seed=self.generator)
        return mean + noise * ops.exp(log_variance * 0.5)

    def _weight(self) -> Any:
        """Return the weight of the divergence at this step, and count the step."""
        weight = ops.minimum(self.steps / self.anneal_steps, self.anneal_cap)
        self.steps.assign(self.steps + 1)
        return weight

    def compute_output_shape(self, shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (*shape[:-1], self.units)

    def get_config(self) -> dict[str, Any]:
        own = {"units": self.units, "anneal_cap": self.anneal_cap, "anneal_steps": self.anneal_steps,
               "seed": self.seed}
        return {**super().get_config(), **own}


def _divergence(mean: Any, log_variance: Any) -> Any:
    """Return KL(N(mean, variance) || N(0, 1)), summed over the code and averaged over the batch."""
    each = ops.exp(log_variance) + ops.square(mean) - 1.0 - log_variance
    return ops.mean(ops.sum(each, axis=-1)) * 0.5
