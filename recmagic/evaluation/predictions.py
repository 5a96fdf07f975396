"""A trained program as what evaluation asks for: a scorer with the right history, and predictions of rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recmagic.backends.protocol import Backend
from recmagic.compiler.recommender import PairScorer, Recommender
from recmagic.data.interactions import PARTS
from recmagic.errors import ModelError
from recmagic.evaluation.task import HISTORY


def scorer_for(program: Recommender, backend: Backend, on: str) -> PairScorer:
    """Return a scorer for the "valid" or "test" part; its history is what came before that part.

    Where the cell uses columns of the interaction itself, each user's first interaction in the part gives them.
    """
    events = program.data.interactions
    context = {}
    if program.context_columns:
        rows = np.flatnonzero(events.part == PARTS[on])[::-1]
        first = np.zeros(program.data.users.count + 1, np.int64)
        first[events.user_row[rows]] = rows
        context = {table: program.tables[table].values[first] for table in program.context_columns}
    return program.scorer(backend, [PARTS[part] for part in HISTORY[on]], context)


def predictions(program: Recommender, scorer: PairScorer) -> Callable[[NDArray[np.int64]], NDArray[np.float64]]:
    """Return a function from row numbers of the interactions (n,) to what the model predicts for them (n,)."""
    events = program.data.interactions

    def predicted(rows: NDArray[np.int64]) -> NDArray[np.float64]:
        context = {table: program.tables[table].values[rows] for table in program.context_columns}
        return in_target_units(program, scorer.pairs(events.user_row[rows], events.item_row[rows], context))

    return predicted


def in_target_units(program: Recommender, logits: NDArray[Any]) -> NDArray[np.float64]:
    """Return scores as they are for a regression, as probabilities under a binary loss or behind a sigmoid."""
    values = np.asarray(logits, dtype=np.float64)
    if program.probabilities:
        return 0.5 * (1 + np.tanh(values / 2))  # a sigmoid that cannot overflow
    return values


def ranked_by(program: Recommender, name: str, score: str | None) -> Recommender:
    """Return a model's program ranked by one of its scores, None: as the cell says; ModelError at another name."""
    if score is None:
        return program
    known = program.by_score
    if score not in known:
        hint = f"Take one of {', '.join(known)}." if known else "It has one score, so leave the name out."
        raise ModelError(f"'{name}' has no score '{score}'.", hint)
    return known[score]
