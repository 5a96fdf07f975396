"""An initializer whose row 0, the unknown or missing value, starts at zero and so stays there until it is trained."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from recmagic.compiler.settings import said
from recmagic.errors import RecmagicError


class BadStart(RecmagicError):
    """What no table can start with; who builds shows it under the piece of the cell that asks for it."""

    def __init__(self, fact: object) -> None:
        super().__init__(f"No table can start so: {fact}.", "Write initializer=HeNormal(), or leave it out.")


@keras.saving.register_keras_serializable(package="recmagic")
class UnknownRow(keras.initializers.Initializer):
    """Draw a table of shape (rows, width) from another initializer and set row 0 to zero.

    Raises BadStart where the other is none, or cannot draw it.
    """

    def __init__(self, initializer: Any = "uniform") -> None:
        try:
            self.initializer = keras.initializers.get(initializer)
        except ValueError as error:
            raise BadStart(said(error)) from error
        if self.initializer is None:
            raise BadStart(None)

    def __call__(self, shape: tuple[int, ...], dtype: Any = None) -> Any:
        try:
            table = self.initializer(shape, dtype=dtype)
        except Exception as error:  # Keras takes any object for one, and raises whatever comes of it
            raise BadStart(said(error)) from error
        known = ops.reshape(ops.not_equal(ops.arange(shape[0]), 0), (shape[0],) + (1,) * (len(shape) - 1))
        return ops.multiply(table, ops.cast(known, table.dtype))

    def get_config(self) -> dict[str, Any]:
        return {"initializer": keras.initializers.serialize(self.initializer)}
