"""Two vectors joined into one number by all products of their parts."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="recmagic")
class BilinearFusion(keras.layers.Layer):
    """Fuse two vectors (..., m) and (..., n) into width 1: b + u.x + v.y + the sum over heads of x_h W_h y_h.

    Both are cut into `heads` pieces, and each pair of pieces has a matrix of its own (the multi-head bilinear fusion
    of FinalMLP, Mao et al. 2023). ValueError where `heads` does not divide both widths.
    """

    def __init__(self, heads: int = 1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.heads = heads

    def build(self, first_shape: tuple[Any, ...], second_shape: tuple[Any, ...]) -> None:
        sizes = [_piece(shape[-1], self.heads) for shape in (first_shape, second_shape)]
        self.linear = [keras.layers.Dense(1, use_bias=not place, name=f"linear_{place}") for place in range(2)]
        for layer, shape in zip(self.linear, (first_shape, second_shape)):
            layer.build(shape)
        self.bilinear = self.add_weight(shape=(self.heads, *sizes), name="bilinear")

    def call(self, first: Any, second: Any) -> Any:
        x, y = (ops.reshape(each, (-1, *each.shape[1:-1], self.heads, each.shape[-1] // self.heads))
                for each in (first, second))
        found = ops.sum(ops.einsum("...hm,hmn->...hn", x, ops.cast(self.bilinear, x.dtype)) * y, axis=(-2, -1))
        return self.linear[0](first) + self.linear[1](second) + ops.expand_dims(found, -1)

    def compute_output_shape(self, first_shape: tuple[Any, ...],
                             second_shape: tuple[Any, ...]) -> tuple[Any, ...]:
        return (*first_shape[:-1], 1)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "heads": self.heads}


def _piece(width: int | None, heads: int) -> int:
    if width is None or width % heads:
        raise ValueError(f"{heads} heads do not divide a width of {width}.")
    return width // heads
