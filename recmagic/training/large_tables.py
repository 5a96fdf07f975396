"""Which embedding tables are so large that a step should change no more of them than it looks up."""

from __future__ import annotations

from typing import Any

import keras

from recmagic.compiler.program import Program

LARGE = 100_000  # rows: below, changing all of a table is no dearer than finding the rows (measured, width 64)


def large_tables(program: Program) -> list[Any]:
    """Return the large tables that we have made for a model, [] where each step looks up the whole catalogue anyway."""
    negatives = program.learning.negatives
    if negatives is not None and negatives.source == "catalogue":
        return []
    return [layer for layer in program.layers
            if isinstance(layer, keras.layers.Embedding) and layer.input_dim >= LARGE]
