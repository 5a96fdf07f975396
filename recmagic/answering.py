"""What a model that has learned can be asked for: to be measured, to recommend, to predict, and its vectors."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recmagic import backends
from recmagic.compiler.recommender import Recommender
from recmagic.compression.account import weights_on_disk
from recmagic.data.dataset import Dataset
from recmagic.errors import ModelError
from recmagic.evaluation.embeddings import Embeddings, Side, embeddings, rows_of
from recmagic.evaluation.explaining import Explanation, explain
from recmagic.evaluation.item_map import ItemMap, item_map
from recmagic.evaluation.neighbours import Neighbours, neighbours
from recmagic.evaluation.predictions import in_target_units, ranked_by
from recmagic.evaluation.recommendations import Recommendations
from recmagic.evaluation.recommending import Asked, scorer_now
from recmagic.evaluation.report import Report
from recmagic.evaluation.reporting import report
from recmagic.evaluation.request import Request
from recmagic.evaluation.side_by_side import SideBySide
from recmagic.evaluation.together import together


class Answering(ABC):
    """Whoever has a `program` that has learned something, once it is `trained`."""

    name: str
    trained: bool

    @property
    @abstractmethod
    def program(self) -> Recommender:
        """The model over its data."""

    @property
    def data(self) -> Dataset:
        """The data set."""
        return self.program.data

    def evaluate(self, *others: Answering, k: int = 10, on: str = "test", by: str = "") -> Report:
        """Rank the whole catalogue for the users of a part ("test" or "valid") and report, Popularity beside it.

        others: models of the same data to report beside this one. by: also report segments apart, by the users'
        "activity", the items' "popularity", or a column of either. Raises ModelError if one is not trained, DataError
        if the part has nothing to find.
        """
        for model in (self, *others):
            model._check_trained("evaluated")
        programs = {model.name: model.program for model in (self, *others)}
        sizes = {name: size for name, program in programs.items() if (size := weights_on_disk(program)) is not None}
        return replace(report(programs, backends.current(), k=k, on=on, by=by), sizes=sizes)

    def recommend(self, users: Iterable[Any] | None = None, *, k: int = 10, among: Iterable[Any] | None = None,
                  where: str | None = None, include_seen: bool = False, liked: Iterable[Any] | None = None,
                  features: Mapping[str, Any] | None = None, context: Mapping[str, Any] | None = None,
                  as_of: str | None = None, diversity: float = 0.0, images: str | None = None,
                  beside: Sequence[Answering] = (),
                  to: str | Path | None = None) -> Recommendations | SideBySide | Path:
        """Return the best k items for users by their ids, or for all users (None).

        among: choose from these item ids only; where: from those that a condition ("year > 2000") or a word of the
        title or of a category ("Comedy") means. include_seen: also what a user already has. liked, features: for one
        new user, known by the items they like (ids or titles) or by what they are; ModelError where the cell has no use
        for it. context: values of the interaction's own columns, where the cell uses them. as_of: "test" or "valid",
        know and hide only what came before that part, and mark the hits. diversity: from 0 to 1, items that differ
        (MMR). images: an item column of https addresses, shown as pictures. beside: models of the same data, whose
        lists stand beside. to: write to this Parquet file and return its path.
        """
        request = Request(users, k, among, include_seen, liked, features, context, where, as_of, diversity)
        found = together([model._asked(request) for model in (self, *beside)], images)
        return found if to is None else found.write(to)

    def explain(self, user: Any, item: Any, **options: Any) -> Explanation:
        """Return why a user, by their id, gets an item, by its id or title: the nearest things in their history, and
        the terms that the score adds up. user None: a new one. options: liked, features, context and as_of of
        `recommend`, which says what is raised."""
        request = Request(None if user is None else [user], **options)
        return explain(self._asked(request), int(rows_of(self.data.items, [item], self.data.name)[0]))

    def _asked(self, request: Request) -> Asked:
        self._check_trained("asked")
        return Asked(self.program, backends.current(), self.name, request)

    def predict(self, users: Iterable[Any], items: Iterable[Any], *, score: str | None = None,
                context: Mapping[str, Any] | None = None) -> NDArray[np.float64]:
        """Return one number for each pair of a user id and an item id (N,): a rating, a probability, or a score.

        score: of a cell with several scores, the name of one; by default the one that ranks; ModelError at another
        name. context: values of the interaction's own columns, where the cell uses them.
        """
        self._check_trained("asked")
        program = ranked_by(self.program, self.name, score)
        scorer = scorer_now(program, backends.current(), context)
        rows = self.data.users.rows(users), self.data.items.rows(items)
        return in_target_units(program, scorer.pairs(*rows))

    def embeddings(self, of: Side, ids: Iterable[Any] | None = None, *, new: Any = None) -> Embeddings:
        """Return the vectors that the model has of "users" or "items", by their ids or titles, or of all (None).

        new: a table of users or items that the data does not hold, with the columns it has; ModelError where the model
        knows them by their id only. `.df` is a table with the columns of each and v0, v1, ..., `.vectors` an array.
        """
        self._check_trained("asked")
        return embeddings(self.program, backends.current(), self.name, of, ids, new)

    def map(self, *, color: str | None = None, method: str = "pca") -> ItemMap:
        """Return the items in two dimensions, by "pca" or "umap", coloured by a column of theirs or by "popularity"."""
        return item_map(self.embeddings("items"), self.data, color, method)

    def similar_items(self, items: Iterable[Any], *, k: int = 10) -> Neighbours:
        """Return the k items whose vectors have the largest cosine with those of some items, by their ids or titles."""
        return self._similar("items", items, k)

    def similar_users(self, users: Iterable[Any], *, k: int = 10) -> Neighbours:
        """Return the k users whose vectors have the largest cosine with those of some users, by their ids."""
        return self._similar("users", users, k)

    def _similar(self, side: Side, ids: Iterable[Any], k: int) -> Neighbours:
        of = self.data.items if side == "items" else self.data.users
        return neighbours(self.embeddings(side), rows_of(of, ids, self.data.name), self.data, k)

    def _check_trained(self, verb: str) -> None:
        if not self.trained:
            raise ModelError(f"'{self.name}' has not been trained, so it cannot be {verb}.",
                             f"Run %rectrain {self.name} first.")
