"""What evaluation and recommending ask of whatever a model stands on: a trained cut, a solved scorer, a blend."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from recmagic.backends.protocol import Arrays, Backend
from recmagic.data.column import Column
from recmagic.data.dataset import Dataset

USERS_AT_ONCE = 1024  # whose scores of all items are held


class PairScorer(Protocol):
    """Scores users against all items, or pair by pair; what a user has done was settled when it was made."""

    @property
    def ranks_cold(self) -> bool:
        """Whether items that no training interaction has may be recommended."""

    def score(self, user_rows: NDArray[np.int32]) -> Any:
        """Return scores (users, items + 1), numpy or on the device; column 0 says nothing."""

    def pairs(self, user_rows: NDArray[np.int32], item_rows: NDArray[np.int32],
              context: Arrays | None = None) -> NDArray[np.float32]:
        """Return scores (N,) of N pairs, each in a context (N, ...) of its own where given."""


class Recommender(Protocol):
    """A model over a data set, ready to score."""

    @property
    def data(self) -> Dataset:
        """The data set."""

    @property
    def tables(self) -> Mapping[str, Column]:
        """The columns that it reads, by the names of their tables ("user/age")."""

    @property
    def context_columns(self) -> list[str]:
        """The tables of the interaction itself that a score needs."""

    @property
    def looks_back(self) -> bool:
        """Whether the score uses what the user has done, so that a new user can be known by what they like."""

    @property
    def user_columns(self) -> list[Column]:
        """The user columns but the id that a score uses, so that a new user can be known by what they are."""

    @property
    def targets(self) -> NDArray[np.float32] | None:
        """What predictions of rows are compared with, one number an interaction; None where it only ranks."""

    @property
    def binary(self) -> bool:
        """Whether the targets are 0 or 1."""

    @property
    def probabilities(self) -> bool:
        """Whether a score is a logit, so that its sigmoid is a prediction."""

    @property
    def by_score(self) -> Mapping[str, Recommender]:
        """Where it has several scores, the model ranked by each of them; itself among them."""

    def scorer(self, backend: Backend, parts: Iterable[int], context: Arrays | None = None,
               overrides: Arrays | None = None) -> PairScorer:
        """Return a scorer whose users have done what some parts hold.

        `context` gives the tables of the interaction (users + 1, ...); `overrides` stand in the place of the data's own
        arrays, to know a new user in row 0.
        """


def pairs_from_lists(score: Callable[[NDArray[np.int32]], NDArray[np.float32]], user_rows: NDArray[np.int32],
                     item_rows: NDArray[np.int32]) -> NDArray[np.float32]:
    """Return scores (N,) of pairs from a function that scores users against all items."""
    users, places = np.unique(user_rows, return_inverse=True)
    found = np.empty(len(user_rows), np.float32)
    for start in range(0, len(users), USERS_AT_ONCE):
        here = np.flatnonzero((places >= start) & (places < start + USERS_AT_ONCE))
        block = score(users[start : start + USERS_AT_ONCE].astype(np.int32))
        found[here] = block[places[here] - start, item_rows[here]]
    return found
