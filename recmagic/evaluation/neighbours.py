"""The nearest users or items by the cosine of their vectors, as a table that people can read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from recmagic import html
from recmagic.data.dataset import Dataset
from recmagic.errors import DataError
from recmagic.evaluation.embeddings import Embeddings, Side
from recmagic.evaluation.shown import fact_columns, item_names, multi_valued, plain
from recmagic.evaluation.text_table import text_table

AT_ONCE = 1024  # rows whose similarities to all others are held at a time


@dataclass(frozen=True, repr=False)
class Neighbours:
    """For each of N users or items (rows `of` (N,)) the `found` rows (N, k), most similar first, and their cosines."""

    side: Side
    of: NDArray[np.int32]
    found: NDArray[np.int32]
    scores: NDArray[np.float32]
    data: Dataset
    model: str = ""

    @property
    def df(self) -> pd.DataFrame:
        """One row a neighbour: user_id or item_id, similar_id, score (the cosine), rank, the neighbour's columns."""
        of = self.data.items if self.side == "items" else self.data.users
        place, nth = np.nonzero(self.found)
        near = self.found[place, nth]
        own = pd.DataFrame({f"{of.side}_id": of.ids[self.of[place]], "similar_id": of.ids[near],
                            "score": self.scores[place, nth], "rank": nth + 1})
        facts = of.frame.iloc[near - 1, 1:].reset_index(drop=True)
        return pd.concat([own, facts.drop(columns=list(own.columns), errors="ignore")], axis=1)

    def __repr__(self) -> str:
        rows = [[name, rank, near, float(score)] for name, rank, near, score in self._named()]
        return "\n".join([self._title(), text_table([self.side[:-1], "rank", "similar", "cosine"], rows)])

    def _repr_html_(self) -> str:
        return html.page([self._table(place) for place in range(len(self.of))])

    def _table(self, place: int) -> html.Markup:
        near = self.found[place][self.found[place] > 0]
        names, facts, many = self._names(near), pd.DataFrame(), set()
        if self.side == "items":
            facts, many = self.data.items.frame.iloc[near - 1, 1:].reset_index(drop=True), multi_valued(self.data)
        shown = fact_columns(self.data, facts) if self.side == "items" else []
        rows = [[rank, name, *(plain(facts.at[rank - 1, column], column in many) for column in shown),
                 float(self.scores[place, rank - 1]), html.bar(max(0.0, float(self.scores[place, rank - 1])), 0.0, 1.0)]
                for rank, name in enumerate(names, start=1)]
        caption = f"{self._title()}: {self._names(self.of[place : place + 1])[0]}"
        return html.table(["rank", self.side[:-1], *shown, "cosine", ""], rows, caption, numeric=["rank", "cosine"])

    def _title(self) -> str:
        return f"Most similar {self.side}{f' by {self.model}' if self.model else ''}"

    def _named(self) -> list[tuple[object, int, object, float]]:
        return [(self._names(self.of[place : place + 1])[0], int(nth) + 1,
                 self._names(self.found[place, nth : nth + 1])[0], float(self.scores[place, nth]))
                for place, nth in np.argwhere(self.found > 0)]

    def _names(self, rows: NDArray[np.int32]) -> list[object]:
        return item_names(self.data, rows) if self.side == "items" else list(self.data.users.ids[rows])


def neighbours(every: Embeddings, of: NDArray[np.int32], data: Dataset, k: int) -> Neighbours:
    """Return the k most similar of `every` to those in the rows `of`, none to itself.

    What the model does not know is not listed: a cold id has no vector of its own. DataError if k is less than 1.
    """
    if k < 1:
        raise DataError(f"A list of {k} is none.", "Ask for -k 10.")
    unit = every.vectors / np.maximum(np.linalg.norm(every.vectors, axis=1, keepdims=True), 1e-12)
    place = np.zeros(every.rows.max(initial=0) + 1, np.int64)
    place[every.rows] = np.arange(len(every.rows))
    k = min(k, len(every) - 1)
    found, scores = np.zeros((len(of), k), np.int32), np.zeros((len(of), k), np.float32)
    for start in range(0, len(of), AT_ONCE):
        block = place[of[start : start + AT_ONCE]]
        cosine = unit[block] @ unit.T
        cosine[:, ~every.known] = -np.inf
        cosine[np.arange(len(block)), block] = -np.inf
        best = np.argsort(-cosine, axis=1, kind="stable")[:, :k]
        value = np.take_along_axis(cosine, best, axis=1)
        rows = slice(start, start + len(block))
        found[rows] = np.where(np.isfinite(value), every.rows[best], 0)
        scores[rows] = np.where(np.isfinite(value), value, 0)
    return Neighbours(every.side, of, found, scores, data, every.model)
