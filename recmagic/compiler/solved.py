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
from recmagic.compiler.recommender import Recommender, pairs_from_lists
from recmagic.compiler.settings import instance
from recmagic.compiler.vocabulary import objects
from recmagic.data.column import Column
from recmagic.data.dataset import Dataset
from recmagic.data.split import TRAIN
from recmagic.errors import SpecError
from recmagic.scorers import Log
from recmagic.spec import Call, Literal, Spec, Statement, fingerprint, problem, write_node
from recmagic.spec.vocabulary import Vocabulary


@dataclass(eq=False)
class Solved:
    """A Recommender that is fitted at once to all that it may know: for the test part, to training and validation.

    `metrics` are the watched ones with their k, `defaults` what the cell left open.
    """

    spec: Spec
    data: Dataset
    call: Call
    metrics: tuple[tuple[str, int | None], ...]
    defaults: tuple[Default, ...] = ()

    tables: dict[str, Column] = field(default_factory=dict)
    context_columns: list[str] = field(default_factory=list)
    user_columns: list[Column] = field(default_factory=list)
    targets: NDArray[np.float32] | None = None
    binary: bool = False
    probabilities: bool = False
    looks_back: bool = True
    by_score: dict[str, Recommender] = field(default_factory=dict)
    _fitted: dict[tuple[int, ...], Any] = field(default_factory=dict, repr=False)

    @property
    def word(self) -> str:
        """The scorer's name."""
        return self.call.name

    def fit(self) -> None:
        """Fit it to the training part; ModelError where that cannot be."""
        self._fitted = {}
        self._of((TRAIN,))

    def _of(self, parts: tuple[int, ...]) -> Any:
        """Return the scorer fitted to some parts; the last one stays, beside that of the training part."""
        if parts not in self._fitted:
            scorer = instance(self.call, ("scorer",), self.spec, objects())
            kept = {(TRAIN,): self._fitted[TRAIN,]} if (TRAIN,) in self._fitted else {}
            self._fitted = kept | {parts: scorer.fit(Log.of(self.data.interactions, parts))}
        return self._fitted[parts]

    def scorer(self, backend: Backend, parts: Iterable[int], context: Arrays | None = None,
               overrides: Arrays | None = None) -> SolvedScorer:
        """Return a scorer fitted to some parts, whose users did what they hold, a new user what `overrides` hold."""
        scores = self._of(tuple(sorted(parts)))
        if overrides:
            taken = overrides["log/item"][: overrides["log/stop"][0]]
            shape = self.data.interactions.shape
            scores = scores.knowing(Log(np.zeros(len(taken), np.int32), taken, None, shape))
        return SolvedScorer(scores)

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

    def terms(self, user: int, item: int) -> tuple[NDArray[np.int64], NDArray[np.float32]] | None:
        """Return the items that a user row has and what each adds to an item row's score; None where it is no sum."""
        found: tuple[NDArray[np.int64], NDArray[np.float32]] | None = None
        if hasattr(self.scores, "terms"):
            found = self.scores.terms(user, item)
        return found

    def pairs(self, user_rows: NDArray[np.int32], item_rows: NDArray[np.int32],
              context: Arrays | None = None) -> NDArray[np.float32]:
        """Return scores (N,) of N pairs."""
        return pairs_from_lists(self.score, user_rows, item_rows)


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
