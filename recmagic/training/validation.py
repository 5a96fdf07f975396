"""What judges an epoch: the watched metrics on the validation part, of the weights as they stand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from recmagic.backends.protocol import Backend
from recmagic.compiler.program import Program
from recmagic.compiler.scorer import CutScorer
from recmagic.data.split import VALID
from recmagic.errors import DataError, ModelError, TrainingError
from recmagic.evaluation.evaluate import evaluate_task
from recmagic.evaluation.metrics import label_of, of_label
from recmagic.evaluation.pairs import pairs_of
from recmagic.evaluation.predictions import predictions, scorer_for
from recmagic.evaluation.selection import select_for
from recmagic.evaluation.task import Task
from recmagic.training.remedies import not_a_number

WATCHED_USERS = 2000  # enough to tell epochs apart; the report measures all of them


def validation(program: Program, backend: Backend) -> Callable[[], dict[str, float]]:
    """Return a function that measures the cell's metrics on the validation part; {} where that part has nothing."""
    asked = _labels(program)
    lists = [(name, int(k)) for name, _, k in (label.partition("@") for label in asked) if k]
    rows = [label for label in asked if "@" not in label]
    try:
        task = _sampled(Task.of(program.data, "valid"), program.seed) if lists else None
    except DataError:
        task = None
    if rows and program.learning.ranking:
        raise TrainingError(f"{rows[0]} compares predictions with a target, and this model ranks items.",
                            "Write metrics = [ndcg(10)], or give the cell a target.")
    judged = bool(rows) and _has_targets(program)

    scorer = scorer_for(program, backend, "valid")
    assert isinstance(scorer, CutScorer)

    def measure() -> dict[str, float]:
        scorer.refresh()
        found: dict[str, float] = {}
        if task is not None:
            found |= evaluate_task(scorer, task, lists, select=select_for(backend)).means
        if judged:
            values = program.learning.target.values
            assert values is not None
            try:
                pairs = pairs_of(predictions(program, scorer), program.data, values, on="valid",
                                 binary=program.learning.kind == "binary")
            except ModelError as error:  # finite weights can still give what is no number
                raise not_a_number("The predictions", "on the validation part") from error
            found |= {label: float(of_label(label).function(pairs)) for label in rows}
        return {label: found[label] for label in asked if label in found}

    return measure


def directions(program: Program) -> dict[str, bool]:
    """Return the labels of the metrics, and whether higher is better; the first one decides."""
    return {label: not of_label(label).lower_is_better for label in _labels(program)}


def watched(program: Program) -> tuple[str, bool]:
    """Return the label of the metric that decides, and whether higher is better."""
    return next(iter(directions(program).items()))


def _labels(program: Program) -> list[str]:
    binary = program.learning.kind == "binary"
    return [label_of(name, k, binary) for name, k in program.learning.metrics]


def _sampled(task: Task, seed: int) -> Task:
    if len(task.users) <= WATCHED_USERS:
        return task
    chosen = np.sort(np.random.default_rng(seed).choice(len(task.users), WATCHED_USERS, replace=False))
    return replace(task, users=task.users[chosen], warm_users=task.warm_users[chosen])


def _has_targets(program: Program) -> bool:
    values = program.learning.target.values
    part = program.data.interactions.part
    return values is not None and bool((~np.isnan(values[part == VALID])).any())


