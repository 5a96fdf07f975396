"""Measure one scorer on one part: each metric for each user, and its mean over all, warm and cold ones."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Sequence

import numpy as np
from numpy.typing import NDArray

from recmagic.data.dataset import Dataset
from recmagic.evaluation.metrics import metric
from recmagic.evaluation.ranking import rank
from recmagic.evaluation.ranks import Ranks
from recmagic.evaluation.scorer import Scorer
from recmagic.evaluation.selection import Select
from recmagic.evaluation.task import Task

ACCURACY = ("recall", "ndcg", "hit_rate", "mrr", "map", "precision", "f1")
BEYOND_ACCURACY = ("coverage", "gini", "novelty", "popularity", "intra_list_diversity")
DEFAULT = ACCURACY + BEYOND_ACCURACY

# A metric of lists and its k, as `ndcg(10)` in a cell.
Request = tuple[str, int]


@dataclass(frozen=True)
class Evaluation:
    """What one scorer reached: `per_user` float (U,) for each metric that has a value for each of `users` (U,), and
    `overall` for those of all lists together; both by label, such as "ndcg@10".

    `warm_users` bool (U,); `cold_items` is the same measurement where only cold items are relevant, if there are any.
    """

    users: NDArray[np.int32]
    warm_users: NDArray[np.bool_]
    per_user: dict[str, NDArray[np.float64]]
    overall: dict[str, float] = field(default_factory=dict)
    cold_items: Evaluation | None = None

    @property
    def means(self) -> dict[str, float]:
        """Every metric as one number: the mean over users where there is one a user."""
        return self.means_of(np.ones(len(self.users), dtype=bool)) | self.overall

    def means_of(self, chosen: NDArray[np.bool_]) -> dict[str, float]:
        """Return the means of the per-user metrics over some of the users, bool (U,)."""
        return {label: float(values[chosen].mean()) for label, values in self.per_user.items()}


def evaluate(
    scorer: Scorer,
    data: Dataset,
    *,
    k: int = 10,
    on: str = "test",
    metrics: Sequence[str] = DEFAULT,
    include_seen: bool = False,
    select: Select | None = None,
) -> Evaluation:
    """Rank the whole catalogue for every user with something relevant in the part, and measure the first k.

    DataError if the part has nothing relevant; ModelError if scores are not numbers or a metric is unknown.
    """
    requests = [(name, k) for name in metrics]
    return with_cold_items(scorer, Task.of(data, on, include_seen), requests, select=select)


def with_cold_items(
    scorer: Scorer, task: Task, requests: Sequence[Request], *, select: Select | None = None
) -> Evaluation:
    """Measure a task, and once more where only its cold items are relevant, if the scorer ranks any."""
    whole = evaluate_task(scorer, task, requests, select=select)
    of_cold = task.on_cold_items() if scorer.ranks_cold else None
    again = [(name, k) for name, k in requests if name in ACCURACY]
    if of_cold is None or not again:
        return whole
    return replace(whole, cold_items=evaluate_task(scorer, of_cold, again, select=select))


def evaluate_task(
    scorer: Scorer, task: Task, requests: Sequence[Request], *, select: Select | None = None
) -> Evaluation:
    """Measure metrics of lists, each with its own k, on a task (which may be kept for the next epoch)."""
    depth = max(k for _, k in requests)
    found = measured(rank(scorer, task, k=depth, select=select), requests)
    per_user = {label: value for label, value in found.items() if isinstance(value, np.ndarray)}
    overall = {label: float(value) for label, value in found.items() if not isinstance(value, np.ndarray)}
    return Evaluation(task.users, task.warm_users, per_user, overall)


def measured(ranks: Ranks, requests: Sequence[Request]) -> dict[str, Any]:
    """Return label -> value, (U,) or one number; what the data cannot say (diversity without genres) is left out."""
    values = {f"{name}@{k}": metric(name).function(ranks, k) for name, k in requests}
    return {label: value for label, value in values.items() if not np.isnan(value).all()}
