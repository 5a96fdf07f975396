"""The ranking loop: score a block of users against the whole catalogue, hide what may not be listed, select."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recmagic.backends.protocol import Selection
from recmagic.errors import ModelError
from recmagic.evaluation import selection
from recmagic.evaluation.hidden import Hidden
from recmagic.evaluation.ranks import Ranks, joined, ranks_of
from recmagic.evaluation.scorer import Scorer
from recmagic.evaluation.selection import Select
from recmagic.evaluation.task import Task

Rows = NDArray[np.int32]  # user rows (U,)
CORES = os.cpu_count() or 1
PIECE = 2**20  # scores that a core selects from at once: 4 MB, near its cache
WORTH_A_THREAD = 2**16  # scores


def selections(
    scorer: Scorer,
    user_rows: Rows,
    hidden: Callable[[Rows], Hidden],
    *,
    k: int,
    relevant: Callable[[Rows], NDArray[np.int32]] | None = None,
    batch: int = 256,
    select: Select | None = None,
) -> Iterator[tuple[Rows, Selection]]:
    """Yield the users in pieces with their `Selection` in numpy, item 0 where a list has ended, k cut to the columns.

    The scores of `batch` users are computed at once. `select` works on the device where they are; without it numpy
    selects, on all cores. ModelError if a score that counts is not a number.
    """

    def chosen(rows: Rows, scores: Any) -> Selection:
        columns = int(scores.shape[1])
        asked = np.zeros((len(rows), 0), dtype=np.int32) if relevant is None else relevant(rows)
        if select is None:
            return selection.select(scores, hidden(rows), asked, min(k, columns))
        return select(scores, hidden(rows).mask((len(rows), columns)), asked, min(k, columns))

    with ThreadPoolExecutor(CORES) as threads:
        for start in range(0, len(user_rows), batch):
            rows = user_rows[start : start + batch]
            scores = scorer.score(rows)
            pieces, parts = ([rows], [scores]) if select else _pieces(rows, np.asarray(scores))
            found = map(chosen, pieces, parts) if len(pieces) == 1 else threads.map(chosen, pieces, parts)
            for piece, each in zip(pieces, found):
                yield piece, _checked(each)


def _pieces(rows: Rows, scores: NDArray[Any]) -> tuple[list[Rows], list[NDArray[Any]]]:
    """Cut a block of users into one piece for each core, or fewer where that is little work."""
    number = min(CORES, len(rows), 1 + scores.size // WORTH_A_THREAD)
    return np.array_split(rows, number), np.array_split(scores, number)


def _checked(found: Selection) -> Selection:
    if np.isnan(found.scores).any():
        hint = "Train it again, with a smaller learning rate if its loss was not a number either."
        raise ModelError("The model gives scores that are not numbers.", hint)
    return found._replace(items=np.where(np.isneginf(found.scores), 0, found.items))


def rank(scorer: Scorer, task: Task, *, k: int, select: Select | None = None) -> Ranks:
    """Rank all items for the users of a task, k positions deep."""
    blocks = selections(
        scorer,
        task.users,
        lambda rows: task.hidden(rows, scorer.ranks_cold),
        k=k,
        relevant=task.relevant_items,
        batch=users_at_once(len(task.cold)),
        select=select,
    )
    counts = np.diff(task.relevant.indptr)
    return joined([ranks_of(found, counts[rows].astype(np.int64), task.catalogue) for rows, found in blocks])


def users_at_once(columns: int) -> int:
    """Return for how many users to compute so many scores each: a power of two, for which models are compiled."""
    return 1 << int(np.clip(np.log2(CORES * PIECE / columns), 4, 9))
