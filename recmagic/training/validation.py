"""What judges an epoch: the watched metrics on the validation part, of the weights as they stand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from recmagic.backends.protocol import Backend
from recmagic.compiler.program import Program
from recmagic.data.split import VALID
from recmagic.errors import DataError, TrainingError
from recmagic.evaluation.evaluate import evaluate_task
from recmagic.evaluation.metrics import metric
from recmagic.evaluation.pairs import pairs_of
from recmagic.evaluation.predictions import predictions, scorer_for
from recmagic.evaluation.selection import select_for
from recmagic.evaluation.task import Task

WATCHED_USERS = 2000  # enough to tell epochs apart; the report measures all of them


def validation(program: Program, backend: Backend) -> Callable[[], dict[str, float]]:
    """Return a function that measures the cell's metrics on the validation part; {} where that part has nothing."""
    asked = program.learning.metrics
    lists = [(name, k) for name, k in asked if metric(name).of_lists]
    rows = [name for name, _ in asked if not metric(name).of_lists]
    try:
        task = _sampled(Task.of(program.data, "valid"), program.seed) if lists else None
    except DataError:
        task = None
    if rows and program.learning.ranking:
        raise TrainingError(f"{rows[0]} compares predictions with a target, and this model ranks items.",
                            "Write metrics = [ndcg(10)], or give the cell a target.")
    judged = bool(rows) and _has_targets(program)

    scorer = scorer_for(program, backend, "valid")

    def measure() -> dict[str, float]:
        scorer.refresh()
        found: dict[str, float] = {}
        if task is not None:
            found |= evaluate_task(scorer, task, lists, select=select_for(backend)).means
        if judged:
            values = program.learning.target.values
            assert values is not None
            pairs = pairs_of(predictions(program, scorer), program.data, values, on="valid",
                             binary=program.learning.kind == "binary")
            found |= {name: float(metric(name).function(pairs)) for name in rows}
        return {label: found[label] for label in _labels(asked) if label in found}

    return measure


def directions(program: Program) -> dict[str, bool]:
    """Return the labels of the metrics, and whether higher is better; the first one decides."""
    asked = program.learning.metrics
    return {label: not metric(name).lower_is_better for label, (name, _) in zip(_labels(asked), asked)}


def watched(program: Program) -> tuple[str, bool]:
    """Return the label of the metric that decides, and whether higher is better."""
    return next(iter(directions(program).items()))


def _labels(asked: tuple[tuple[str, int], ...]) -> list[str]:
    return [f"{name}@{k}" if metric(name).of_lists else name for name, k in asked]


def _sampled(task: Task, seed: int) -> Task:
    if len(task.users) <= WATCHED_USERS:
        return task
    chosen = np.sort(np.random.default_rng(seed).choice(len(task.users), WATCHED_USERS, replace=False))
    return replace(task, users=task.users[chosen], warm_users=task.warm_users[chosen])


def _has_targets(program: Program) -> bool:
    values = program.learning.target.values
    part = program.data.interactions.part
    return values is not None and bool((~np.isnan(values[part == VALID])).any())


