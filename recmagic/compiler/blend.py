"""Several models as one: a weighted sum of what they say, or one for most users and another for the rest."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from keras import ops
from numpy.typing import NDArray

from recmagic.backends.protocol import Arrays, Backend
from recmagic.compiler.recommender import PairScorer, Recommender, pairs_from_lists
from recmagic.data.column import Column
from recmagic.data.dataset import Dataset
from recmagic.errors import ModelError
from recmagic.spec.vocabulary import Vocabulary


@dataclass(eq=False)
class Blend:
    """A Recommender made of others over the same data, by name.

    A weighted hybrid adds up the models' scores, each standardised over the items that the model knows, a user at a
    time, times its weight; what a model does not know counts as its average. With `below` it is a switching hybrid:
    users with fewer interactions than that get the second model's list, all others the first's (Burke 2002, Hybrid
    recommender systems).
    """

    parts: dict[str, Recommender]
    weights: tuple[float, ...]
    below: int | None = None

    targets: NDArray[np.float32] | None = None
    binary: bool = False
    probabilities: bool = False
    by_score: dict[str, Recommender] = field(default_factory=dict)

    @property
    def data(self) -> Dataset:
        """The data set that all parts stand on."""
        return next(iter(self.parts.values())).data

    @property
    def tables(self) -> dict[str, Column]:
        """The columns that the parts read."""
        return {name: column for part in self.parts.values() for name, column in part.tables.items()}

    @property
    def context_columns(self) -> list[str]:
        """The columns of the interaction that some part needs."""
        return sorted({name for part in self.parts.values() for name in part.context_columns})

    @property
    def looks_back(self) -> bool:
        """Whether every part knows a user by what they have done, or by nothing else."""
        return all(part.looks_back for part in self.parts.values())

    @property
    def user_columns(self) -> list[Column]:
        """The user columns that some part uses, where each uses some."""
        found = [part.user_columns for part in self.parts.values()]
        return list({column.name: column for columns in found for column in columns}.values()) if all(found) else []

    def scorer(self, backend: Backend, parts: Iterable[int], context: Arrays | None = None,
               overrides: Arrays | None = None) -> BlendScorer:
        """Return a scorer of all parts' scorers."""
        held = list(parts)
        made = []
        for part in self.parts.values():
            own = {name: values for name, values in (context or {}).items() if name in part.context_columns}
            made.append(part.scorer(backend, held, own, overrides))
        few = None if self.below is None else self._known(held, overrides) < self.below
        return BlendScorer(made, self.weights, ~self.data.items.warm, few)

    def _known(self, parts: list[int], overrides: Arrays | None) -> NDArray[np.int64]:
        """Return how many interactions of each user (users + 1,) there are to go by."""
        events = self.data.interactions
        counts = np.bincount(events.user_row[np.isin(events.part, parts)], minlength=self.data.users.count + 1)
        if overrides:
            counts[0] = int(overrides["log/stop"][0])
        return counts

    @property
    def text(self) -> str:
        """How the parts are put together, in words."""
        if self.below is not None:
            first, second = self.parts
            return f"{first}, and {second} for users with fewer than {self.below} interactions"
        return " + ".join(f"{weight:g} × {name}" for name, weight in zip(self.parts, self.weights))

    def updated(self, data: Dataset) -> Blend:
        """Raise ModelError: a part may be of any kind."""
        raise ModelError("A blend takes no rows in itself.", f"Update its parts, {', '.join(self.parts)}, and blend "
                         "them again.")

    def meaning(self, words: Vocabulary) -> str:
        """Return a short hash of what it is made of."""
        parts = [part.meaning(words) for part in self.parts.values()]  # type: ignore[attr-defined]
        return hashlib.sha256(repr((parts, tuple(self.weights), self.below)).encode()).hexdigest()[:16]


class BlendScorer:
    """Scores by several scorers; `cold` (items + 1,) are the items without training, `few` whom the second serves."""

    def __init__(self, scorers: list[PairScorer], weights: tuple[float, ...], cold: NDArray[np.bool_],
                 few: NDArray[np.bool_] | None) -> None:
        self.scorers, self.weights, self.cold, self.few = scorers, weights, cold, few
        self.ranks_cold = any(each.ranks_cold for each in scorers)

    def score(self, user_rows: NDArray[np.int32]) -> NDArray[np.float32]:
        """Return scores (users, items + 1)."""
        if self.few is not None:
            first, second = self._each(user_rows)
            return np.where(self.few[user_rows][:, None], second, first)
        return np.asarray(sum(weight * each for weight, each in zip(self.weights, self._each(user_rows))))

    def terms(self, user_rows: NDArray[np.int32]) -> NDArray[np.float32]:
        """Return what each part adds to the scores (parts, users, items + 1); NaN for a part that does not serve."""
        every = np.stack([weight * each for weight, each in zip(self.weights, self._each(user_rows))])
        if self.few is not None:
            every[0, self.few[user_rows]] = every[1, ~self.few[user_rows]] = np.nan
        return every

    def _each(self, user_rows: NDArray[np.int32]) -> Iterable[NDArray[np.float32]]:
        for scorer in self.scorers:
            scores = np.array(ops.convert_to_numpy(scorer.score(user_rows)), np.float32)
            unknown = ~np.isfinite(scores)
            unknown[:, 0] = True
            if not scorer.ranks_cold:
                unknown |= self.cold
            yield _standardised(np.where(unknown, np.nan, scores))

    def pairs(self, user_rows: NDArray[np.int32], item_rows: NDArray[np.int32],
              context: Arrays | None = None) -> NDArray[np.float32]:
        """Return scores (N,) of N pairs."""
        return pairs_from_lists(self.score, user_rows, item_rows)


def _standardised(scores: NDArray[Any]) -> NDArray[np.float32]:
    """Return scores with a user's mean 0 and deviation 1, and 0 where they are not a number."""
    count = np.maximum((~np.isnan(scores)).sum(axis=1, keepdims=True), 1)
    centred = scores - np.nansum(scores, axis=1, keepdims=True) / count
    deviation = np.sqrt(np.nansum(centred**2, axis=1, keepdims=True) / count)
    return np.nan_to_num(centred / np.maximum(deviation, 1e-12)).astype(np.float32)
