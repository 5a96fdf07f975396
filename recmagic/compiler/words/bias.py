"""`bias(column)`: one trained number for each id; `bias()`: one for all."""

from __future__ import annotations

import keras

from recmagic.compiler.builder import Here
from recmagic.compiler.value import QUERY, Value
from recmagic.compiler.words.embedding import embedding
from recmagic.spec import Node


def bias(here: Here, column: Node | None = None, l2: float = 0.0) -> Value:
    """Look up one trained number for an id or category, starting at 0; without a column, one number for all.

    The global number starts at the training mean under a regression loss.
    """
    if column is not None:
        return embedding(here, column, 1, l2=l2, initializer="zeros")
    if here.build.window is not None:
        raise here.error("bias() is one number for the whole score.", "Name a column, or take it out of the history.")
    zeros = here.build.graphs.feed(QUERY, "zero", None, (), "int32")
    table = here.layer("bias", lambda name: keras.layers.Embedding(
        1, 1, embeddings_initializer="zeros", name=name))
    here.build.global_biases.append(table)
    return Value(table(zeros), QUERY)
