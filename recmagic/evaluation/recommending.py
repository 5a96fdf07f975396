"""Recommending: the best items of a compiled cell for known users, for all of them, or for a new one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from recmagic.backends.protocol import Backend
from recmagic.compiler.recommender import PairScorer, Recommender
from recmagic.errors import ModelError
from recmagic.evaluation.diversity import diversified, pool_size
from recmagic.evaluation.hidden import Hidden
from recmagic.evaluation.likeness import likeness
from recmagic.evaluation.newcomers import NEW, check_can_meet, liked_rows, newcomer_arrays, unseen
from recmagic.evaluation.ranking import selections, users_at_once
from recmagic.evaluation.recommendations import Recommendations
from recmagic.evaluation.request import Request, user_rows
from recmagic.evaluation.selection import select_for


@dataclass(frozen=True)
class Asked:
    """A model as it was asked, so that it can be asked again."""

    program: Recommender
    backend: Backend
    name: str
    request: Request

    def again(self, **changes: Any) -> Recommendations:
        """Return the lists for the same request with other values for some of its fields."""
        return recommend(self.program, self.backend, self.name, replace(self.request, **changes))


@dataclass(frozen=True)
class Standing:
    """For whom and from what lists are made: user `rows` (U,), their `ids`, what each has `seen`, and the scorer."""

    rows: NDArray[np.int32]
    ids: NDArray[np.object_]
    seen: csr_matrix
    scorer: PairScorer
    liked: list[NDArray[np.int32]] | None = None


def recommend(program: Recommender, backend: Backend, name: str, request: Request) -> Recommendations:
    """Return the best k items for each user asked about; the history is all that the data holds, or held then.

    Raises DataError at an unknown id, column or value, ModelError where the cell cannot do what is asked.
    """
    found = standing(program, backend, request)
    items, scores = _best(found, backend, program, request)
    hits = None
    if request.as_of is not None:
        relevant = program.data.interactions.relevant(request.as_of)
        hits = np.asarray(relevant[np.repeat(found.rows, items.shape[1]), items.ravel()]).reshape(items.shape)
    return Recommendations(found.ids, items, scores, program.data, found.liked, name,
                           _notes(program, found.scorer, request), hits, request.as_of,
                           Asked(program, backend, name, request))


def standing(program: Recommender, backend: Backend, request: Request) -> Standing:
    """Return for whom a request is and a scorer that knows what it may; raises what `recommend` raises."""
    request.check()
    data, seen = program.data, program.data.interactions.seen(request.known_parts)
    if not request.new:
        rows = user_rows(data, request.users)
        scorer = _scorer(program, backend, request)
        return Standing(rows, data.users.ids[rows], seen, scorer)
    check_can_meet(program, request.liked is not None, request.features is not None)
    taken = liked_rows(data, request.liked or ())
    overrides = newcomer_arrays(program, taken, request.features or {})
    own = csr_matrix((np.ones(len(taken), bool), (np.zeros(len(taken), int), taken)), shape=seen.shape)
    scorer = _scorer(program, backend, request, overrides)
    return Standing(np.zeros(1, np.int32), np.array([NEW], dtype=object), own, scorer, [taken])


def scorer_now(program: Recommender, backend: Backend, context: Mapping[str, Any] | None) -> PairScorer:
    """Return a scorer that knows all that the data holds, in the situation that `context` tells."""
    return _scorer(program, backend, Request(context=context))


def _scorer(program: Recommender, backend: Backend, request: Request,
            overrides: dict[str, NDArray[Any]] | None = None) -> PairScorer:
    return program.scorer(backend, request.known_parts, _context(program, request.context or {}), overrides)


def _best(of: Standing, backend: Backend, program: Recommender,
          request: Request) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    data, barred = program.data, request.barred(program.data)
    if not of.scorer.ranks_cold:
        barred |= ~data.items.warm
    barred_items, listed_before = np.flatnonzero(barred), None if request.include_seen else of.seen

    def hidden(block: NDArray[np.int32]) -> Hidden:
        return Hidden.of(block, barred_items, listed_before)

    k, batch = min(request.k, data.items.count), users_at_once(len(barred))
    deep = min(pool_size(k), data.items.count) if request.diversity else k
    blocks = selections(of.scorer, of.rows, hidden, k=deep, batch=batch, select=select_for(backend))
    found = [chosen for _, chosen in blocks]
    items, scores = np.concatenate([each.items for each in found]), np.concatenate([each.scores for each in found])
    if not request.diversity:
        return items, scores
    return diversified(items, scores, likeness(program, backend), k, request.diversity)


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
    as_of = () if request.as_of is None else (
        f"Made as of the {request.as_of} part: what is in it is neither known nor hidden, and what the user liked "
        "there is marked as a hit.",)
    return (*as_of, *unseen(program.data.users.columns.values(), request.features or {}),
            *unseen(context, request.context or {}), *_cold_note(program, scorer))


def _cold_note(program: Recommender, scorer: PairScorer) -> tuple[str, ...]:
    cold = int((~program.data.items.warm[1:]).sum())
    if scorer.ranks_cold or not cold:
        return ()
    return (f"{cold:,} cold items are left out: the model knows items by their id only.",)
