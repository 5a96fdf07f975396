"""A cell whose score is a scorer that counts or solves: `score = EASE(regularization=500.0)`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recmagic.backends.protocol import Arrays, Backend
from recmagic.compiler.learning import Default, Learner
from recmagic.compiler.outline import Line
from recmagic.compiler.settings import instance
from recmagic.compiler.vocabulary import objects
from recmagic.data.column import Column
from recmagic.data.dataset import Dataset
from recmagic.data.split import TRAIN
from recmagic.errors import SpecError
from recmagic.scorers import Log
from recmagic.spec import Call, Literal, Spec, Statement, fingerprint, problem, write_node
from recmagic.spec.vocabulary import Vocabulary

PAIRS_AT_ONCE = 1024  # users whose scores of all items are held at a time


@dataclass(eq=False)
class Solved:
    """A Recommender that is fitted to the training part at once; `scores` is what it was fitted to, None before.

    `metrics` are the watched ones with their k, `defaults` what the cell left open.
    """

    spec: Spec
    data: Dataset
    call: Call
    metrics: tuple[tuple[str, int | None], ...]
    defaults: tuple[Default, ...] = ()
    scores: Any = field(default=None, repr=False)

    tables: dict[str, Column] = field(default_factory=dict)
    context_columns: list[str] = field(default_factory=list)
    user_columns: list[Column] = field(default_factory=list)
    targets: NDArray[np.float32] | None = None
    binary: bool = False
    probabilities: bool = False
    looks_back: bool = True

    @property
    def word(self) -> str:
        """The scorer's name."""
        return self.call.name

    def fit(self) -> None:
        """Fit it to the training part; ModelError where that cannot be."""
        scorer = instance(self.call, ("scorer",), self.spec, objects())
        self.scores = scorer.fit(Log.of(self.data.interactions, [TRAIN]))

    def scorer(self, backend: Backend, parts: Iterable[int], context: Arrays | None = None,
               overrides: Arrays | None = None) -> SolvedScorer:
        """Return a scorer whose users have done what some parts hold, or for a new user what `overrides` hold."""
        log = Log.of(self.data.interactions, parts)
        if overrides:
            taken = overrides["log/item"][: overrides["log/stop"][0]]
            log = Log(np.zeros(len(taken), np.int32), taken, None, log.shape)
        return SolvedScorer(self.scores.knowing(log))

    def updated(self, data: Dataset) -> Solved:
        """Return it over more data, yet to be fitted."""
        return Solved(self.spec, data, self.call, self.metrics, self.defaults)

    def meaning(self, words: Vocabulary) -> str:
        """Return a short hash of what the cell means."""
        return fingerprint(self.spec, words)

    def lines(self) -> tuple[Line, ...]:
        """Return the lines of the cell, for its card."""
        return tuple(Line(each.name, write_node(self.spec, each.name)) for each in self.spec.statements)


class SolvedScorer:
    """A fitted scorer that also scores pairs."""

    def __init__(self, scores: Any) -> None:
        self.scores, self.ranks_cold = scores, scores.ranks_cold

    def score(self, user_rows: NDArray[np.int32]) -> NDArray[np.float32]:
        """Return scores (users, items + 1); -inf for an item that is never listed."""
        found: NDArray[np.float32] = self.scores.score(user_rows)
        return found

    def pairs(self, user_rows: NDArray[np.int32], item_rows: NDArray[np.int32],
              context: Arrays | None = None) -> NDArray[np.float32]:
        """Return scores (N,) of N pairs."""
        users, places = np.unique(user_rows, return_inverse=True)
        found = np.empty(len(user_rows), np.float32)
        for start in range(0, len(users), PAIRS_AT_ONCE):
            here = np.flatnonzero((places >= start) & (places < start + PAIRS_AT_ONCE))
            block = self.score(users[start : start + PAIRS_AT_ONCE].astype(np.int32))
            found[here] = block[places[here] - start, item_rows[here]]
        return found


def solved(spec: Spec, data: Dataset) -> Solved | None:
    """Return what a cell stands for whose score is a scorer, None for any other; SpecError at a line without use."""
    statement = spec.statement("score")
    known = objects()
    if statement is None or not isinstance(statement.value, Call) or ("scorer", statement.value.name) not in known:
        return None
    call = statement.value
    for each in spec.statements:
        if not _has_use(each):
            raise SpecError([problem(spec, each.value, f"{call.name} is solved at once, so '{each.name}' has no use "
                                     "beside it.", f"Leave the line out; a cell may say metrics beside {call.name}.")])
    instance(call, ("scorer",), spec, known)  # what it refuses should be seen now
    learner = Learner(spec, data, known)
    return Solved(spec, data, call, learner.metrics("ranking"), tuple(learner.defaults))


def _has_use(statement: Statement) -> bool:
    return statement.name in ("score", "metrics") or isinstance(statement.value, Literal)
