"""From a block of scores to its best items, and to what is needed to rank ties exactly, on the host."""

from __future__ import annotations

from typing import Any, Callable, NamedTuple

import numpy as np
from numpy.typing import NDArray

from recmagic.backends.protocol import Backend, Selection
from recmagic.evaluation.hidden import Hidden

# (scores (U, I), hidden bool (U, I), relevant int32 (U, T) padded with -1, k <= I) -> Selection, on a device
Select = Callable[[Any, NDArray[np.bool_], NDArray[np.int32], int], Selection]

GROUPS = 256  # at least so many: a partition of so few is cheap


class Candidates(NamedTuple):
    """Items that may be listed, user by user and in the order of their rows: `items` and `scores` (n,), of which
    `number` (U,) are each user's."""

    items: NDArray[Any]
    scores: NDArray[Any]
    number: NDArray[np.int64]


def select(scores: Any, hidden: NDArray[np.bool_] | Hidden, relevant: NDArray[np.int32], k: int) -> Selection:
    """Return the k best items that are not hidden, best first, the lower row first within a tie, and their scores.

    A list that is shorter ends in scores of -inf, where the items mean nothing. `relevant_scores` are nan where padded
    and -inf where hidden; `boundary` counts the items of the whole catalogue that score exactly as the k-th does. A
    NaN among the scores makes the user's scores NaN.

    The k-th best of the maxima of disjoint groups of items is no higher than the k-th best score, and hardly lower: few
    more items than k reach it, and all that tie with the k-th are among them.
    """
    count = np.shape(scores)[1]
    groups = min(count, max(GROUPS, 4 * k, count // 64))
    shown = _shown(np.asarray(scores), hidden, groups)
    least, broken = _least(shown, groups, k)
    reaching = _reaching(shown, least)
    kept, level = _without_spare_ties(reaching, least, k)
    items, best, ties = _sorted(kept, k)
    boundary = np.where(best[:, -1] == least, level, ties)
    boundary = np.where(reaching.number < k, count - reaching.number, boundary)
    best[broken] = np.nan
    return Selection(items, best, _asked(shown, relevant), boundary)


def _shown(scores: NDArray[Any], hidden: NDArray[np.bool_] | Hidden, groups: int) -> NDArray[Any]:
    """Return a copy with -inf where hidden, and past the last item up to a multiple of `groups`."""
    users, count = scores.shape
    shown = np.empty((users, -(-count // groups) * groups), np.result_type(scores, np.float32))
    shown[:, :count] = scores
    shown[:, count:] = -np.inf
    if isinstance(hidden, Hidden):
        hidden.put(shown, -np.inf)
    else:
        shown[:, :count][hidden] = -np.inf
    return shown


def _least(shown: NDArray[Any], groups: int, k: int) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """Return a finite score (U,) that the k best items reach, where there are k; and which users have a NaN (U,).

    A group is every `groups`-th item, so that the maxima of all groups are found side by side.
    """
    maxima = shown.reshape(len(shown), shown.shape[1] // groups, groups).max(axis=1)
    top = np.partition(maxima, groups - k, axis=1)[:, groups - k :]  # NaN comes last
    return np.maximum(top[:, 0], np.finfo(shown.dtype).min), np.isnan(top.max(axis=1))


def _reaching(shown: NDArray[Any], least: NDArray[Any]) -> Candidates:
    users, width = shown.shape
    cells = np.flatnonzero(shown >= least[:, None])
    number = np.diff(np.searchsorted(cells, np.arange(users + 1) * width))
    return Candidates(cells % width, shown.ravel()[cells], number)


def _without_spare_ties(found: Candidates, least: NDArray[Any], k: int) -> tuple[Candidates, NDArray[np.int64]]:
    """Keep of the items at each user's `least` only the first that have room in the list; and count them all (U,).

    A model that gives most of the catalogue one score would else leave a long row to sort.
    """
    level = found.scores == np.repeat(least, found.number)
    counted = np.concatenate([[0], np.cumsum(level)])
    stop = np.cumsum(found.number)
    before = counted[stop - found.number]
    tied = counted[stop] - before
    room = np.clip(k - (found.number - tied), 0, tied)
    kept = ~level | (counted[1:] <= np.repeat(before + room, found.number))
    return Candidates(found.items[kept], found.scores[kept], found.number - tied + room), tied


def _sorted(found: Candidates, k: int) -> tuple[NDArray[np.int32], NDArray[Any], NDArray[np.int64]]:
    """Return each user's k best items and their scores (U, k), and how many candidates tie with the k-th (U,)."""
    width = max(k, int(found.number.max(initial=0)))
    inside = np.arange(width) < found.number[:, None]
    items, scores = np.zeros(inside.shape, np.int32), np.full(inside.shape, -np.inf, found.scores.dtype)
    items[inside], scores[inside] = found.items, found.scores
    order = np.argsort(-scores, axis=1, kind="stable")[:, :k]
    best = np.take_along_axis(scores, order, axis=1)
    return np.take_along_axis(items, order, axis=1), best, np.count_nonzero(scores == best[:, -1:], axis=1)


def _asked(shown: NDArray[Any], relevant: NDArray[np.int32]) -> NDArray[Any]:
    """Return the scores of the relevant items (U, T), nan where there is none: most of it, if one user has many."""
    asked = np.full(relevant.shape, np.nan, shown.dtype)
    users, nth = np.nonzero(relevant >= 0)
    asked[users, nth] = shown[users, relevant[users, nth]]
    return asked


def select_for(backend: Backend) -> Select | None:
    """Return the backend's selection where it has a device of its own, else None: numpy's is far faster than XLA's
    top-k on a CPU."""
    return backend.select if backend.accelerated() else None
