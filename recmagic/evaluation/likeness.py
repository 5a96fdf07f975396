"""How alike two items are: by the model's vectors, else by what they share, else by who has both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from recmagic.backends.protocol import Backend
from recmagic.compiler.recommender import Recommender
from recmagic.data.dataset import Dataset
from recmagic.errors import ModelError
from recmagic.evaluation.catalogue import MOST_VALUES
from recmagic.evaluation.embeddings import embeddings

_SHARED = ("category", "multi")


@dataclass(frozen=True)
class Likeness:
    """Unit rows (items + 1, width), dense or sparse, whose products are cosines; `by` says what they are made of."""

    rows: Any
    by: str

    def between(self, first: NDArray[np.int32], second: NDArray[np.int32]) -> NDArray[np.float32]:
        """Return the cosines (F, S) of two groups of item rows."""
        rows = [self.rows[each] for each in (first, second)]
        dense = [each.toarray() if hasattr(each, "toarray") else each for each in rows]
        return np.asarray(dense[0] @ dense[1].T, np.float32)


def likeness(program: Recommender, backend: Backend) -> Likeness:
    """Return how alike the items are to a model; where it has no vectors of them, how alike the data says they are."""
    data = program.data
    try:
        every = embeddings(program, backend, "", "items")
    except ModelError:
        return _by_columns(data) or _by_users(data)
    vectors = np.zeros((data.items.count + 1, every.width), np.float32)
    vectors[every.rows] = np.where(every.known[:, None], every.vectors, 0)  # a cold id has no vector of its own
    return Likeness(_unit(vectors), "the model's vectors")


def _by_columns(data: Dataset) -> Likeness | None:
    flags, names = [], []
    for name, column in data.items.columns.items():
        if column.kind in _SHARED and 1 < column.size <= MOST_VALUES:
            codes = column.values.reshape(len(column.values), -1).astype(np.int64)
            table = np.zeros((len(codes), column.size), np.float32)
            np.put_along_axis(table, codes, 1.0, axis=1)
            flags.append(table[:, 1:])
            names.append(name)
    return Likeness(_unit(np.concatenate(flags, axis=1)), f"shared {', '.join(names)}") if flags else None


def _by_users(data: Dataset) -> Likeness:
    having = csr_matrix(data.interactions.seen(("train",)).T, dtype=np.float32)
    length = np.sqrt(np.asarray(having.sum(axis=1)).ravel())
    return Likeness(csr_matrix(having.multiply(1 / np.maximum(length, 1)[:, None])), "the users they share")


def _unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12), np.float32)
