"""Recommending: the best items of a compiled cell for known users, for all of them, or for a new one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from recmagic.backends.protocol import Backend
from recmagic.compiler.recommender import PairScorer, Recommender
from recmagic.data.split import TEST, TRAIN, VALID
from recmagic.errors import DataError, ModelError, did_you_mean
from recmagic.evaluation.hidden import Hidden
from recmagic.evaluation.newcomers import NEW, check_can_meet, liked_rows, newcomer_arrays, unseen
from recmagic.evaluation.ranking import selections, users_at_once
from recmagic.evaluation.recommendations import Recommendations
from recmagic.evaluation.selection import select_for

ALL_PARTS = (TRAIN, VALID, TEST)  # what is recommended now comes after everything known


@dataclass(frozen=True)
class Request:
    """What is asked: for whom, how many, among which items, and what is known of a new user or of the situation."""

    users: Iterable[Any] | None = None
    k: int = 10
    among: Iterable[Any] | None = None
    include_seen: bool = False
    liked: Iterable[Any] | None = None
    features: Mapping[str, Any] | None = None
    context: Mapping[str, Any] | None = None


def recommend(program: Recommender, backend: Backend, name: str, request: Request) -> Recommendations:
    """Return the best k items for each user asked about; the history is all that the data holds.

    Raises DataError at an unknown id, column or value, ModelError where the cell cannot do what is asked.
    """
    if request.k < 1:
        raise DataError(f"A list of {request.k} items is none.", "Ask for -k 10.")
    data, seen = program.data, program.data.interactions.seen(ALL_PARTS)
    overrides, liked = {}, None
    if request.liked is not None or request.features is not None:
        if request.users is not None:
            raise ModelError("A new user has no id.", "Give either users, or liked and features.")
        check_can_meet(program, request.liked is not None, request.features is not None)
        rows, ids = np.zeros(1, np.int32), np.array([NEW], dtype=object)
        taken = liked_rows(data, request.liked or ())
        overrides, liked = newcomer_arrays(program, taken, request.features or {}), [taken]
        seen = csr_matrix((np.ones(len(taken), bool), (np.zeros(len(taken), int), taken)), shape=seen.shape)
    else:
        rows = _user_rows(program, request.users)
        ids = data.users.ids[rows]
    scorer = scorer_now(program, backend, request.context, overrides)
    items, scores = _best(scorer, backend, program, rows, seen, request)
    return Recommendations(ids, items, scores, data, liked, name, _notes(program, scorer, request))


def scorer_now(program: Recommender, backend: Backend, context: Mapping[str, Any] | None,
               overrides: dict[str, NDArray[Any]] | None = None) -> PairScorer:
    """Return a scorer that knows all that the data holds, in the situation that `context` tells."""
    return program.scorer(backend, ALL_PARTS, _context(program, context or {}), overrides)


def _best(scorer: PairScorer, backend: Backend, program: Recommender, rows: NDArray[np.int32], seen: csr_matrix,
          request: Request) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    data = program.data
    barred = np.zeros(data.items.count + 1, bool)
    if request.among is not None:
        barred[:] = True
        barred[_item_rows(program, request.among)] = False
    if not scorer.ranks_cold:
        barred |= ~data.items.warm
    barred[0] = True
    barred_items, listed_before = np.flatnonzero(barred), None if request.include_seen else seen

    def hidden(block: NDArray[np.int32]) -> Hidden:
        return Hidden.of(block, barred_items, listed_before)

    k, batch = min(request.k, data.items.count), users_at_once(len(barred))
    blocks = selections(scorer, rows, hidden, k=k, batch=batch, select=select_for(backend))
    found = [chosen for _, chosen in blocks]
    return np.concatenate([each.items for each in found]), np.concatenate([each.scores for each in found])


def _user_rows(program: Recommender, users: Iterable[Any] | None) -> NDArray[np.int32]:
    data = program.data
    if users is None:
        return np.arange(1, data.users.count + 1, dtype=np.int32)
    wanted = [users] if isinstance(users, (str, int)) else list(users)
    if not wanted:
        raise DataError("There is no user to recommend to.", "Give at least one id.")
    rows = data.users.rows(wanted)
    for place in np.flatnonzero(rows == 0):
        some = ", ".join(str(each) for each in data.users.ids[1:4])
        hint = did_you_mean(str(wanted[place]), data.users.ids[1:]) or f"Ids look like {some}."
        raise DataError(f"There is no user '{wanted[place]}' in {data.name}.", hint)
    return rows


def _item_rows(program: Recommender, items: Iterable[Any]) -> NDArray[np.int32]:
    wanted = list(items)
    rows = program.data.items.rows(wanted)
    if not len(rows) or (rows == 0).any():
        missing = wanted[int(np.argmin(rows))] if len(rows) else ""
        raise DataError(f"There is no item '{missing}' in {program.data.name}.",
                        did_you_mean(str(missing), program.data.items.ids[1:]) or "Give item ids of the data.")
    return rows


def _context(program: Recommender, given: Mapping[str, Any]) -> dict[str, NDArray[Any]]:
    """Return the encoded context for every user row; ModelError naming the columns that the cell needs."""
    tables = program.context_columns
    needed = sorted({program.tables[table].source or program.tables[table].name for table in tables})
    for name in given:
        if name not in needed:
            raise ModelError(f"The model '{program.data.name}' does not use the column '{name}' as its context.",
                             f"It uses: {', '.join(needed)}." if needed else "It needs no context.")
    missing = [name for name in needed if name not in given]
    if missing:
        raise ModelError(f"This model needs to know the situation: {', '.join(missing)}.",
                         f"Write --context {' '.join(_option(name) for name in missing)}.")
    count = program.data.users.count + 1
    encoded = {}
    for table in tables:
        column = program.tables[table]
        encoded[table] = np.repeat(column.encode([given[column.source or column.name]]), count, axis=0)
    return encoded


def _option(name: str) -> str:
    """Return `name=...` as a line of a cell takes it."""
    return f"{name}=..." if name.isidentifier() else f'"{name}=..."'


def _notes(program: Recommender, scorer: PairScorer, request: Request) -> tuple[str, ...]:
    context = [program.tables[table] for table in program.context_columns]
    return (*unseen(program.data.users.columns.values(), request.features or {}),
            *unseen(context, request.context or {}), *_cold_note(program, scorer))


def _cold_note(program: Recommender, scorer: PairScorer) -> tuple[str, ...]:
    cold = int((~program.data.items.warm[1:]).sum())
    if scorer.ranks_cold or not cold:
        return ()
    return (f"{cold:,} cold items are left out: the model knows items by their id only.",)
