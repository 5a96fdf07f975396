"""An initializer whose row 0, the unknown or missing value, starts at zero and so stays there until it is trained."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="recmagic")
class UnknownRow(keras.initializers.Initializer):
    """Draw a table of shape (rows, width) from another initializer and set row 0 to zero."""

    def __init__(self, initializer: Any = "uniform") -> None:
        self.initializer = keras.initializers.get(initializer)

    def __call__(self, shape: tuple[int, ...], dtype: Any = None) -> Any:
        table = self.initializer(shape, dtype=dtype)
        known = ops.reshape(ops.not_equal(ops.arange(shape[0]), 0), (shape[0],) + (1,) * (len(shape) - 1))
        return ops.multiply(table, ops.cast(known, table.dtype))

    def get_config(self) -> dict[str, Any]:
        return {"initializer": keras.initializers.serialize(self.initializer)}
