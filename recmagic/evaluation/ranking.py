"""The ranking loop: score a block of users against the whole catalogue, hide what may not be listed, select."""

from __future__ import annotations

from typing import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from recmagic.backends.protocol import Selection
from recmagic.errors import ModelError
from recmagic.evaluation.ranks import Ranks, joined, ranks_of
from recmagic.evaluation.scorer import Scorer
from recmagic.evaluation.selection import Select, select
from recmagic.evaluation.task import Task

# user rows (U,) -> bool (U, items + 1), or int32 (U, T)
Rows = NDArray[np.int32]
BLOCK = 256


def selections(
    scorer: Scorer,
    user_rows: Rows,
    hidden: Callable[[Rows], NDArray[np.bool_]],
    *,
    k: int,
    relevant: Callable[[Rows], NDArray[np.int32]] | None = None,
    batch: int = BLOCK,
    select: Select = select,
) -> Iterator[tuple[Rows, Selection]]:
    """Yield each block of users with its `Selection` in numpy, item 0 where a list has ended, k cut to the columns.

    ModelError if a score that counts is not a number.
    """
    for start in range(0, len(user_rows), batch):
        rows = user_rows[start : start + batch]
        mask = hidden(rows)
        targets = np.zeros((len(rows), 0), dtype=np.int32) if relevant is None else relevant(rows)
        chosen = select(scorer.score(rows), mask, targets, min(k, mask.shape[1]))
        items, scores, *rest = (np.asarray(part) for part in chosen)
        if np.isnan(scores).any():
            hint = "Train it again, with a smaller learning rate if its loss was not a number either."
            raise ModelError("The model gives scores that are not numbers.", hint)
        yield rows, Selection(np.where(np.isneginf(scores), 0, items), scores, *rest)


def rank(scorer: Scorer, task: Task, *, k: int, batch: int = BLOCK, select: Select = select) -> Ranks:
    """Rank all items for the users of a task, k positions deep."""
    blocks = selections(
        scorer,
        task.users,
        lambda rows: task.hidden(rows, scorer.ranks_cold),
        k=k,
        relevant=task.relevant_items,
        batch=batch,
        select=select,
    )
    counts = np.diff(task.relevant.indptr)
    return joined([ranks_of(found, counts[rows].astype(np.int64), task.catalogue) for rows, found in blocks])
