"""The best items of many users, chosen on the device; the same operations on every backend."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from keras import ops
from numpy.typing import NDArray

from recmagic.backends import current
from recmagic.backends.protocol import Selection


def select(scores: Any, hidden: NDArray[np.bool_], relevant: NDArray[np.int32], k: int) -> Selection:
    """Return the best k of scores (U, N) that are not hidden (U, N); `relevant` (U, T) is padded with -1."""
    found = _compiled(k)(scores, hidden, relevant)
    return Selection(*(np.asarray(ops.convert_to_numpy(each)) for each in found))


@cache
def _compiled(k: int) -> Any:
    return current().compiled(lambda scores, hidden, relevant: _select(scores, hidden, relevant, k), ())


def _select(scores: Any, hidden: Any, relevant: Any, k: int) -> Any:
    zero = ops.zeros_like(scores)
    shown = ops.where(hidden, -np.inf, ops.where(scores == 0, zero, scores))  # top_k would put 0.0 before -0.0
    values, items = ops.top_k(shown, k)
    asked = ops.take_along_axis(shown, ops.maximum(relevant, 0), axis=1)
    ties = ops.sum(ops.cast(shown == values[:, -1:], "int32"), axis=1)
    return ops.cast(items, "int32"), values, ops.where(relevant < 0, np.nan, asked), ties
