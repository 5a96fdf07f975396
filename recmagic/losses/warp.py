"""WARP: a positive that stands low moves more, by its estimated rank."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from keras import ops
from numpy.typing import NDArray

from recmagic.losses import mean_of_real


class WARP:
    """L(rank) times the mean hinge loss, margin 1, of the candidates that come within the margin of a positive.

    L(r) = 1 + 1/2 + ... + 1/r, and the rank of a positive is the number of items within the margin of it or above
    (Weston et al. 2011, WSABIE). The paper draws until it finds one and guesses the rank from the number of draws; here
    the share of such candidates tells it, for all candidates at once, and exactly under `catalogue()`.
    """

    kind = "pairwise"
    usual_negatives = ("uniform(16)", "the rank of a positive is estimated from them")

    def __init__(self) -> None:
        self.others: int | None = None

    def for_catalogue(self, items: int) -> None:
        """Take the number of items that candidates come from; before, the candidates are taken to be all of them."""
        self.others = max(1, items - 1)

    def __call__(self, positive: Any, negatives: Any, real: Any = None) -> Any:
        hinge = ops.relu(1 - ops.expand_dims(positive, 1) + negatives)
        within = hinge > 0 if real is None else ops.logical_and(hinge > 0, real)
        others = self.others or negatives.shape[1]
        share = mean_of_real(ops.cast(within, hinge.dtype), real)
        rank = ops.maximum(ops.cast(ops.round(share * others), "int32"), 1)  # of none within, the mean below is 0
        return ops.take(harmonic_numbers(others), rank - 1, axis=0) * mean_of_real(hinge, within)


@cache
def harmonic_numbers(count: int) -> NDArray[np.float32]:
    """Return 1, 1 + 1/2, ..., 1 + ... + 1/count."""
    return np.cumsum(1 / np.arange(1, count + 1)).astype(np.float32)
