"""The vectors that a model has of users or items, as a table with what is known of them, for new ones too."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from recmagic.backends.protocol import Backend
from recmagic.compiler.program import Program
from recmagic.compiler.recommender import Recommender
from recmagic.compiler.scorer import knows_cold_items
from recmagic.compiler.vectors import item_vectors, new_item_vectors, user_vectors
from recmagic.data.dataset import Dataset
from recmagic.data.entities import Entities
from recmagic.data.split import ALL_PARTS
from recmagic.errors import DataError, ModelError, did_you_mean
from recmagic.evaluation.newcomers import check_can_meet, newcomer_arrays

Side = Literal["users", "items"]


@dataclass(frozen=True, repr=False)
class Embeddings:
    """Vectors float32 (N, width) of N users or items; `rows` int32 (N,) are their rows, 0 for those of a new table.

    `facts` has what is known of each, its id first; `known` bool (N,) tells whose vector means something: a cold id has
    none of its own.
    """

    side: Side
    rows: NDArray[np.int32]
    vectors: NDArray[np.float32]
    facts: pd.DataFrame
    known: NDArray[np.bool_]
    model: str = ""

    @property
    def width(self) -> int:
        """Numbers in a vector."""
        return int(self.vectors.shape[1])

    @property
    def df(self) -> pd.DataFrame:
        """One row each: the id and the columns of the user or item, then v0, v1, ... of the vector."""
        vectors = pd.DataFrame(self.vectors, columns=[f"v{place}" for place in range(self.width)])
        return pd.concat([self.facts.reset_index(drop=True), vectors], axis=1)

    def __len__(self) -> int:
        return len(self.vectors)

    def __repr__(self) -> str:
        by = f" by {self.model}" if self.model else ""
        return f"Embeddings of {len(self):,} {self.side}{by}, {self.width} wide; .df has them as a table"


def embeddings(program: Recommender, backend: Backend, name: str, side: Side, ids: Iterable[Any] | None = None,
               new: pd.DataFrame | None = None) -> Embeddings:
    """Return the vectors of users or items by their ids (None: of all), or of `new` ones by their columns.

    What users have done is all that the data holds. A retrieval model's vectors are those whose dot product is the
    score, without one-sided terms; a ranking model's are what its towers give to the head. Raises ModelError where the
    model has none, or knows nothing of new ones; DataError at an unknown id or column.
    """
    if side not in ("users", "items"):
        raise DataError(f"There are no embeddings of '{side}'.", 'Take "users" or "items".')
    cut = _cut_program(program, name)
    if new is not None:
        vectors = _of_new_items(cut, backend, new) if side == "items" else _of_new_users(cut, backend, new)
        return Embeddings(side, np.zeros(len(new), np.int32), vectors, new, np.ones(len(new), bool), name)
    of = _entities(cut.data, side)
    rows = np.arange(1, of.count + 1, dtype=np.int32) if ids is None else rows_of(of, ids, cut.data.name)
    scorer = cut.scorer(backend, ALL_PARTS)
    vectors = user_vectors(cut, scorer, rows) if side == "users" else item_vectors(cut, scorer, rows)
    return Embeddings(side, rows, vectors, of.frame.iloc[rows - 1], _knows_cold(cut, side) | of.warm[rows], name)


def rows_of(of: Entities, ids: Iterable[Any], data: str) -> NDArray[np.int32]:
    """Return the rows of ids, or of titles where there is a column of them; DataError at one that is unknown."""
    wanted = [ids] if isinstance(ids, (str, int, np.generic)) else list(ids)
    rows = of.named(wanted)
    for place in np.flatnonzero(rows == 0):
        known = [*of.ids[1:], *([] if of.label is None else of.frame[of.label])]
        hint = did_you_mean(str(wanted[place]), known) or f"Give {of.side} ids of the data."
        raise DataError(f"There is no {of.side} '{wanted[place]}' in {data}.", hint)
    return rows


def _cut_program(program: Recommender, name: str) -> Program:
    if not isinstance(program, Program):
        raise ModelError(f"'{name}' has no vectors of users and items: it is not a trained model with two sides.",
                         "Take a model with embeddings, such as BPRMF or TwoTower of the zoo.")
    if program.context_columns:
        raise ModelError("What this model has of a user depends on the situation, so there is no one vector.",
                         "Take a cell without columns of the interaction itself.")
    return program


def _knows_cold(program: Program, side: Side) -> bool:
    if side == "items":
        return knows_cold_items(program.cut)
    return program.looks_back or bool(program.user_columns)


def _entities(data: Dataset, side: Side) -> Entities:
    return data.users if side == "users" else data.items


def _of_new_items(program: Program, backend: Backend, new: pd.DataFrame) -> NDArray[np.float32]:
    if not knows_cold_items(program.cut):
        raise ModelError("This model knows items by their id only, so it has nothing to say of new ones.",
                         "Give its item side a column, such as embedding(genres, 16).")
    encoded = [program.data.encode_item(_given(row, program.data.items)) for row in new.to_dict("records")]
    columns = {name: np.concatenate([each[name] for each in encoded]) for name in encoded[0]} if encoded else {}
    return new_item_vectors(program, backend, columns, len(new))


def _of_new_users(program: Program, backend: Backend, new: pd.DataFrame) -> NDArray[np.float32]:
    check_can_meet(program, False, True)
    nothing, zero = np.zeros(0, np.int32), np.zeros(1, np.int32)
    found = []
    for row in new.to_dict("records"):
        overrides = newcomer_arrays(program, nothing, _given(row, program.data.users))
        found.append(user_vectors(program, program.scorer(backend, ALL_PARTS, None, overrides), zero))
    return np.concatenate(found)


def _given(row: dict[Any, Any], of: Entities) -> dict[str, Any]:
    """Return the features of a row: an id that comes with it says nothing of a new one."""
    return {str(name): value for name, value in row.items() if name not in (f"{of.side}_id", of.frame.columns[0])}
