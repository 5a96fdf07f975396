"""The vectors that a cut has of users and items: what its towers give, without the one-sided terms of the score."""

from __future__ import annotations

from typing import Any

import numpy as np
from keras import ops
from numpy.typing import NDArray

from recmagic.backends.protocol import Arrays, Backend
from recmagic.compiler.program import Program
from recmagic.compiler.scorer import CutScorer


def user_vectors(program: Program, scorer: CutScorer, rows: NDArray[np.int32]) -> NDArray[np.float32]:
    """Return the vectors (N, width) of user rows, with what the scorer knows of what they did."""
    return _flat(program, scorer.query_vectors(rows))


def item_vectors(program: Program, scorer: CutScorer, rows: NDArray[np.int32]) -> NDArray[np.float32]:
    """Return the vectors (N, width) of item rows."""
    return _flat(program, [ops.take(each, rows, axis=0) for each in scorer.item_vectors()])


def new_item_vectors(program: Program, backend: Backend, columns: Arrays, count: int) -> NDArray[np.float32]:
    """Return the vectors (count, width) of items that the data does not hold, given the encoded columns of each."""
    tables = {table: columns[column.name] for table, column in program.tables.items() if column.side == "item"}
    return _flat(program, program.functions.item(backend.place(tables), np.arange(count, dtype=np.int32)))


def _flat(program: Program, vectors: list[Any]) -> NDArray[np.float32]:
    """Return what a tower gives as one matrix (N, width)."""
    parts = [np.asarray(ops.convert_to_numpy(each), np.float32).reshape(len(each), -1) for each in vectors]
    return np.concatenate(parts, axis=1)[:, : program.cut.factors]
