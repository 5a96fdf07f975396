"""The second-order term of a factorisation machine: the sum of the dot products of all pairs of vectors."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="recmagic")
class FactorizationMachine(keras.layers.Layer):
    """Sum the dot products of all pairs of fields (Rendle 2010, Factorization machines), in linear time.

    Takes a list of vectors (..., width), such as fields(16), or one sequence (batch, fields, width), whose masked
    steps are left out. Gives width 1: (..., 1) of a list, (batch, 1) of a sequence. ValueError for fewer than two
    fields, or fields of different shapes.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True

    def build(self, shape: Any) -> None:
        self.compute_output_shape(shape)
        self.built = True

    def call(self, fields: Any, mask: Any = None) -> Any:
        if isinstance(fields, (list, tuple)):
            fields = ops.stack(list(fields), axis=-2)
        elif mask is not None:
            fields = fields * ops.expand_dims(ops.cast(mask, fields.dtype), -1)
        of_sum, of_squares = ops.square(ops.sum(fields, axis=-2)), ops.sum(ops.square(fields), axis=-2)
        return ops.sum(of_sum - of_squares, axis=-1, keepdims=True) * 0.5

    def compute_mask(self, fields: Any, mask: Any = None) -> None:
        return None

    def compute_output_shape(self, shape: Any) -> tuple[int | None, ...]:
        if not isinstance(shape[0], (list, tuple)):
            if len(shape) != 3:
                raise ValueError("FactorizationMachine needs a list of fields, such as fields(16), or a sequence.")
            return (shape[0], 1)
        if len(shape) < 2:
            raise ValueError("FactorizationMachine needs two fields or more: one has nothing to interact with.")
        if any(tuple(each) != tuple(shape[0]) for each in shape):
            widths = sorted({str(each[-1]) for each in shape})
            raise ValueError(f"All fields must have one shape and width, and these are {' and '.join(widths)} wide.")
        return (*shape[0][:-1], 1)
