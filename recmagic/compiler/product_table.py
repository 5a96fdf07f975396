"""A table of vectors in parts, each of which is one of 256: product quantisation."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from recmagic.compiler.unknown_row import UnknownRow

CENTROIDS = 256  # what a code of one byte can tell apart


@keras.saving.register_keras_serializable(package="recmagic")
class ProductTable(keras.layers.Layer):
    """Look up vectors (..., width) of whole numbers (...) below `rows`, each of so many `parts` side by side.

    A part is one of the 256 that all rows share at its place, and a row is one byte a part (Jégou, Douze & Schmid 2011,
    Product quantization for nearest neighbor search). Which one it is, is not trained and starts at random; what the
    parts are, is. The first of the 256 belongs to row 0, the unknown one.
    """

    def __init__(self, rows: int, width: int, parts: int, initializer: Any = "uniform", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rows, self.width, self.parts = rows, width, parts
        self.initializer = keras.initializers.get(initializer)
        # The parts that have one number lie side by side in a row of an embedding, which Keras can quantise.
        self.centroids = keras.layers.Embedding(CENTROIDS, width, embeddings_initializer=UnknownRow(self.initializer),
                                                name="centroids")

    def build(self, shape: tuple[int | None, ...]) -> None:
        self.codes = self.add_weight(shape=(self.rows, self.parts), dtype="uint8", trainable=False, name="codes",
                                     initializer=_at_random)
        self.centroids.build(shape)

    def call(self, rows: Any) -> Any:
        every = self.centroids(ops.arange(CENTROIDS, dtype="int32"))
        single = ops.reshape(every, (CENTROIDS * self.parts, self.width // self.parts))
        codes = ops.cast(ops.take(self.codes, rows, axis=0), "int32")
        found = ops.take(single, codes * self.parts + ops.arange(self.parts, dtype="int32"), axis=0)
        return ops.reshape(found, (-1, *rows.shape[1:], self.width))

    def compute_output_shape(self, shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (*shape, self.width)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "rows": self.rows, "width": self.width, "parts": self.parts,
                "initializer": keras.initializers.serialize(self.initializer)}


def _at_random(shape: tuple[int, ...], dtype: Any = None) -> Any:
    """Return codes of one byte, those of row 0 being 0 and the others never."""
    drawn = UnknownRow(keras.initializers.RandomUniform(1.0, CENTROIDS - 0.01))(shape, "float32")
    return ops.cast(ops.floor(drawn), dtype)


def gets_smaller(rows: int, width: int, parts: int) -> bool:
    """Whether a table takes fewer bytes in parts than whole."""
    return rows * parts + 4 * CENTROIDS * width < 4 * rows * width
