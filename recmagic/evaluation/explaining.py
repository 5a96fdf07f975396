"""Why an item is in a list: what is like it among the things that the user had before, and what its score adds up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from recmagic import html
from recmagic.compiler.shares import shares
from recmagic.compiler.solved import SolvedScorer
from recmagic.data.dataset import Dataset
from recmagic.errors import ModelError
from recmagic.evaluation.liked import events_of
from recmagic.evaluation.likeness import likeness
from recmagic.evaluation.recommending import Asked, Standing, standing
from recmagic.evaluation.shown import short_names
from recmagic.evaluation.text_table import text_table

NEAREST = 3
ADDED = "in the user's history, and what each adds to the score"


@dataclass(frozen=True, repr=False)
class Explanation:
    """Why a model gives a user the item in row `item`: the `near` rows (n,) of what they had, their `cosines` (n,) `by`
    vectors or columns, or what each has ADDED, the `score`, and the `shares` that add up to it ({} if it is no sum)."""

    user: Any
    item: int
    near: NDArray[np.int32]
    cosines: NDArray[np.float32]
    by: str
    score: float
    shares: dict[str, float]
    data: Dataset
    model: str = ""

    @property
    def df(self) -> pd.DataFrame:
        """One row a reason: its kind ("like", "for", "share"), what it names, and the cosine or term of the score."""
        return pd.DataFrame(self._rows(), columns=["reason", "what", "value"])

    @property
    def sentences(self) -> list[str]:
        """The reasons in words."""
        if len(self.near) and self.by == ADDED:
            added = (f"{name} ({term:+.4f})" for name, term in zip(self.names, self.cosines))
            near = f"For {', '.join(added)} {ADDED}."
        elif len(self.near):
            names = (f"{name} ({cosine:.2f})" for name, cosine in zip(self.names, self.cosines))
            near = f"Like {', '.join(names)} of the user's history: cosine by {self.by}."
        else:
            near = "Nothing in the user's history is like it."
        if not self.shares:
            return [near, "Its score is not a sum of parts, so there are no shares to show."]
        if len(self.shares) == 1:
            return [near, f"All of its score {self.score:.4f} is {next(iter(self.shares))}."]
        terms = ", ".join(f"{name} {term:+.4f}" for name, term in self.shares.items())
        return [near, f"Its score {self.score:.4f} is made of: {terms}."]

    @property
    def names(self) -> list[str]:
        """What people call the nearest things."""
        return short_names(self.data, self.near)

    def __repr__(self) -> str:
        return "\n".join([self._title(), text_table(["reason", "what", "value"], self._rows()), *self.sentences[1:]])

    def _repr_html_(self) -> str:
        table = html.table(["reason", "what", "value"], self._rows(), self._title(), numeric=["value"])
        return html.page([table, *self.sentences])

    def _title(self) -> str:
        by = f" by {self.model}" if self.model else ""
        return f"Why {short_names(self.data, [self.item])[0]} for user {self.user}{by}"

    def _rows(self) -> list[list[Any]]:
        kind = "for" if self.by == ADDED else "like"
        near = [[kind, name, float(cosine)] for name, cosine in zip(self.names, self.cosines)]
        return near + [["share", name, term] for name, term in self.shares.items()]


def explain(asked: Asked, item: int) -> Explanation:
    """Return why a model gives an item row to the one user whom it was asked about; ModelError where they are many."""
    found = standing(asked.program, asked.backend, asked.request)
    if len(found.rows) != 1:
        raise ModelError(f"An explanation is for one user, and here are {len(found.rows):,}.", "Name one user.")
    user, data = int(found.rows[0]), asked.program.data
    past = _past(found, data, asked.request.as_of)
    past = past[past != item]
    score = float(found.scorer.pairs(found.rows, np.array([item], np.int32))[0])
    terms = found.scorer.terms(user, item) if isinstance(found.scorer, SolvedScorer) else None
    if terms is not None:
        return _added(asked, found, item, score, *terms)
    alike = likeness(asked.program, asked.backend)
    cosines = alike.between(np.array([item], np.int32), past)[0]
    best = np.argsort(-cosines, kind="stable")[:NEAREST]
    best = best[cosines[best] > 0]
    return Explanation(found.ids[0], item, past[best], cosines[best], alike.by, score,
                       shares(asked.program, found.scorer, user, item), data, asked.name)


def _added(asked: Asked, found: Standing, item: int, score: float, held: NDArray[np.int64],
           terms: NDArray[np.float32]) -> Explanation:
    """Return why a scorer gives an item that adds up what each thing of the history says for it."""
    best = np.argsort(-terms, kind="stable")[:NEAREST]
    best = best[terms[best] > 0]
    most, data = float(terms[best].sum()), asked.program.data
    parts = {"these": most, "the rest of the history": score - most} if len(best) else {}
    return Explanation(found.ids[0], item, held[best].astype(np.int32), terms[best], ADDED, score, parts, data,
                       asked.name)


def _past(found: Standing, data: Dataset, as_of: str | None) -> NDArray[np.int32]:
    """Return the items that somebody liked, or what they had where they liked none, the latest first."""
    if found.liked is not None:
        return found.liked[0]
    events = events_of(data, int(found.rows[0]), as_of)
    liked = events[data.interactions.positive[events]]
    return data.interactions.item_row[liked if len(liked) else events]
