"""A residual block of dilated causal convolutions."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="recmagic")
class NextItNetBlock(keras.layers.Layer):
    """Two dilated causal convolutions over a sequence (batch, length, width), with a residual connection: same shape.

    Convolution over `kernel` steps that lie `dilation` apart, layer normalisation, ReLU; the same once more with twice
    the dilation; plus the input (Yuan et al. 2019, A simple convolutional generative network for next item
    recommendation). Stack blocks of growing dilation, 1, 4, 16, to look far back. Masked steps are zero for every
    convolution. ValueError where `dilation` or `kernel` is not a whole number from 1 up.
    """

    def __init__(self, dilation: int = 1, kernel: int = 3, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        for name, value in (("dilation", dilation), ("kernel", kernel)):
            if not isinstance(value, int) or value < 1:
                raise ValueError(f"{name} is a whole number of steps from 1 up, not {value!r}.")
        self.dilation, self.kernel = dilation, kernel
        self.supports_masking = True

    def build(self, shape: tuple[int | None, ...]) -> None:
        if len(shape) != 3:
            raise ValueError("NextItNetBlock needs a sequence, such as history(item, 50).")
        places = range(2)
        self.convolutions = [
            keras.layers.Conv1D(shape[-1], self.kernel, padding="causal", dilation_rate=self.dilation * (1 + place),
                                name=f"convolution_{place}") for place in places]
        self.norms = [keras.layers.LayerNormalization(epsilon=1e-6, name=f"norm_{place}") for place in places]
        for layer in (*self.convolutions, *self.norms):
            layer.build(shape)

    def call(self, sequence: Any, mask: Any = None) -> Any:
        real = None if mask is None else ops.expand_dims(ops.cast(mask, sequence.dtype), -1)
        changed = sequence
        for convolution, norm in zip(self.convolutions, self.norms):
            changed = changed if real is None else changed * real
            changed = ops.relu(norm(convolution(changed)))
        return sequence + changed

    def compute_output_shape(self, shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "dilation": self.dilation, "kernel": self.kernel}
