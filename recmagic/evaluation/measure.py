"""Measure models beside the baselines and the ceiling, and write it all into one report."""

from __future__ import annotations

from typing import Mapping, Sequence

import numpy as np

from recmagic.data.dataset import Dataset
from recmagic.data.interactions import PARTS
from recmagic.evaluation.ceiling import Ceiling
from recmagic.evaluation.evaluate import ACCURACY, DEFAULT, Evaluation, evaluate_task, with_cold_items
from recmagic.evaluation.metrics import of_label, row_metric
from recmagic.evaluation.pairs import Pairs
from recmagic.evaluation.report import ALL_USERS, Counts, Report, Row
from recmagic.evaluation.scorer import Scorer
from recmagic.evaluation.segments import Segment, segments
from recmagic.evaluation.selection import Select
from recmagic.evaluation.task import HISTORY, Task
from recmagic.scorers import Log
from recmagic.scorers.popularity import Popularity

POPULARITY, CEILING = "Popularity", "Ceiling"
OF_BINARY = ("auc", "gauc", "logloss", "accuracy", "precision", "recall", "f1")
OF_NUMBERS = ("rmse", "mae")


def measure(
    scorers: Mapping[str, Scorer],
    data: Dataset,
    *,
    k: int = 10,
    on: str = "test",
    metrics: Sequence[str] = DEFAULT,
    pairs: Mapping[str, Pairs] | None = None,
    others: Mapping[str, Mapping[str, Pairs]] | None = None,
    include_seen: bool = False,
    select: Select | None = None,
    by: str = "",
) -> Report:
    """Return a report of models by name, Popularity always beside them and the ceiling where the truth is known.

    `pairs` adds row-by-row metrics for models that predict a target, `others` those of further scores of a model, each
    in a row named after the score. `select` picks on the device where the models'
    scores live; the rest is selected by numpy. `by` measures segments apart: "activity", "popularity" or a column of
    users or items. Raises what `evaluate` raises.
    """
    task = Task.of(data, on, include_seen)
    asked = [(name, k) for name in metrics]
    found = {name: with_cold_items(scorer, task, asked, select=select) for name, scorer in scorers.items()}
    every = {**_references(data, on), **scorers}
    for name, scorer in every.items():
        if name not in found:
            found[name] = with_cold_items(scorer, task, asked)
    pairs, others = pairs or {}, others or {}
    rows = [row for name, result in found.items()
            for row in _rows(name, result, pairs.get(name)) + _rows_of_others(name, others.get(name, {}))]
    measured = [*pairs.values(), *(each for of in others.values() for each in of.values())]
    notes = _notes(scorers, task, measured, CEILING in found)
    counts = _counts(task, data)
    apart = segment_rows({name: every[name] for name in found}, found, task, segments(data, task, by)) if by else ()
    how = _protocol(task, data, k)
    return Report(data.name, data.fingerprint, on, how, counts, tuple(rows), notes, found, by, apart)


def segment_rows(
    scorers: Mapping[str, Scorer], found: Mapping[str, Evaluation], task: Task, parts: Sequence[Segment]
) -> tuple[Row, ...]:
    """Return a row for each model and segment: means over its users, or over lists where only its items count."""
    rows = []
    for part in parts:
        apart = task.on_items(part.rows) if part.side == "item" else None
        for name, result in found.items():
            if apart is not None:
                requests = [(of_label(label).name, int(label.partition("@")[2])) for label in result.per_user]
                measured = evaluate_task(scorers[name], apart, [each for each in requests if each[0] in ACCURACY])
                rows.append(Row(name, part.name, len(measured.users), measured.means))
            elif part.side == "user":
                chosen = part.rows[result.users]
                rows.append(Row(name, part.name, int(chosen.sum()), result.means_of(chosen)))
    return tuple(rows)


def _references(data: Dataset, on: str) -> dict[str, Scorer]:
    """Return what stands beside every model: Popularity over the history, and the ceiling if the truth is known."""
    history = Log.of(data.interactions, [PARTS[part] for part in HISTORY[on]])
    references: dict[str, Scorer] = {POPULARITY: Popularity().fit(history)}
    if Ceiling.known(data):
        references[CEILING] = Ceiling(data, on)
    return references


def _rows(name: str, result: Evaluation, pairs: Pairs | None) -> list[Row]:
    """Return one row for all users, and one each for warm and cold users and cold items where both kinds exist."""
    by_row = {} if pairs is None else _by_row(pairs)
    rows = [Row(name, ALL_USERS, len(result.users), result.means | by_row)]
    if not result.warm_users.all():
        for of, chosen in (("warm users", result.warm_users), ("cold users", ~result.warm_users)):
            if chosen.any():
                rows.append(Row(name, of, int(chosen.sum()), result.means_of(chosen)))
    if result.cold_items is not None:
        rows.append(Row(name, "cold items", len(result.cold_items.users), result.cold_items.means))
    return rows


def _rows_of_others(name: str, others: Mapping[str, Pairs]) -> list[Row]:
    """Return one row for each further score of a model, over the users whose rows it predicts."""
    return [Row(name, score, len(np.unique(pairs.user_row)), _by_row(pairs)) for score, pairs in others.items()]


def _by_row(pairs: Pairs) -> dict[str, float]:
    return {of: row_metric(of).function(pairs) for of in (OF_BINARY if pairs.binary else OF_NUMBERS)}


def _counts(task: Task, data: Dataset) -> Counts:
    items = np.unique(task.relevant.indices)
    cold_users = int((~task.warm_users).sum())
    cold_items = int(task.cold[items].sum())
    return Counts(
        len(task.users), task.left_out, cold_users, data.items.count, task.relevant.nnz, len(items), cold_items
    )


def _protocol(task: Task, data: Dataset, k: int) -> str:
    seen = "may be listed" if task.seen is None else f"are hidden ({' and '.join(HISTORY[task.on])} parts)"
    return (
        f"Full ranking of {data.items.count:,} items, k = {k}; seen items {seen}; ties take their expected rank; "
        f"split {data.split_name}, seed {data.split_seed}."
    )


def _notes(scorers: Mapping[str, Scorer], task: Task, pairs: Sequence[Pairs], ceiling: bool) -> tuple[str, ...]:
    """Say what a reader must know: what is hidden from whom, clipping, and what the ceiling is."""
    notes = []
    blind = [name for name, scorer in scorers.items() if not scorer.ranks_cold]
    if blind and task.cold[1:].any():
        cold = int(task.cold[1:].sum())
        told = f"{', '.join(blind)} {'knows' if len(blind) == 1 else 'know'} items by their id only"
        notes.append(f"{told}, so {cold:,} cold items are never listed.")
    scales = {pair.scale for pair in pairs if pair.scale is not None}
    notes += [f"Predictions are clipped to {low:g}–{high:g}, the scale of the training part." for low, high in scales]
    if any(pair.binary for pair in pairs):
        notes.append("Classes are told apart at 0.5.")
    if ceiling:
        notes.append("Ceiling ranks by the simulation's own truth: the best possible lists.")
    return tuple(notes)
