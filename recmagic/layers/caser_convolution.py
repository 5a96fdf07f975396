"""Convolutions over a user's last steps as over a picture: along time, and along the width."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

LONGEST = 500  # steps


@keras.saving.register_keras_serializable(package="recmagic")
class CaserConvolution(keras.layers.Layer):
    """Read a short sequence (batch, length, width) as a vector (batch, length * horizontal + vertical * width).

    `horizontal` filters of every height from 1 to the length slide over time, ReLU, and the largest is kept: what
    stands together. `vertical` filters are weighted sums of the steps, one number for each of the width's: what counts
    when (Caser, Tang & Wang 2018, Personalized top-N sequential recommendation via convolutional sequence embedding).
    Masked steps are zero. ValueError where the length is not fixed or a count of filters is no whole number from 1 up.
    """

    def __init__(self, horizontal: int = 16, vertical: int = 4, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        for name, value in (("horizontal", horizontal), ("vertical", vertical)):
            if not isinstance(value, int) or value < 1:
                raise ValueError(f"{name} is a whole number of filters from 1 up, not {value!r}.")
        self.horizontal, self.vertical = horizontal, vertical
        self.supports_masking = True

    def build(self, shape: tuple[Any, ...]) -> None:
        self.compute_output_shape(shape)
        length = shape[1]
        self.along_time = [keras.layers.Conv1D(self.horizontal, height, activation="relu", name=f"height_{height}")
                           for height in range(1, length + 1)]
        for layer in self.along_time:
            layer.build(shape)
        self.along_width = self.add_weight(shape=(length, self.vertical), name="along_width")

    def call(self, sequence: Any, mask: Any = None) -> Any:
        if mask is not None:
            sequence = sequence * ops.expand_dims(ops.cast(mask, sequence.dtype), -1)
        found = [ops.max(layer(sequence), axis=1) for layer in self.along_time]
        summed = ops.einsum("blw,lv->bvw", sequence, ops.cast(self.along_width, sequence.dtype))
        return ops.concatenate([*found, ops.reshape(summed, (-1, self.vertical * sequence.shape[2]))], axis=-1)

    def compute_mask(self, sequence: Any, mask: Any = None) -> None:
        return None

    def compute_output_shape(self, shape: tuple[Any, ...]) -> tuple[Any, ...]:
        if len(shape) != 3 or shape[1] is None:
            raise ValueError("CaserConvolution needs a sequence of a fixed length, such as history(item, 5).")
        if shape[1] > LONGEST:
            raise ValueError(f"it makes a convolution for each number of steps, and these are more than {LONGEST}.")
        return (shape[0], shape[1] * self.horizontal + self.vertical * shape[2])

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "horizontal": self.horizontal, "vertical": self.vertical}
