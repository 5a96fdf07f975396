"""Predictions beside what happened, row by row of one part: what the pointwise metrics measure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Callable

import numpy as np
from numpy.typing import NDArray

from recmagic.errors import ModelError

if TYPE_CHECKING:
    from recmagic.data.dataset import Dataset

# row numbers of `data.interactions` (n,) -> predictions (n,), probabilities under a binary target
Predict = Callable[[NDArray[np.int64]], Any]


@dataclass(frozen=True)
class Pairs:
    """N rows: who, the prediction and the target; `scale` is the target's (low, high) in training, if it has one."""

    user_row: NDArray[np.int32]
    predicted: NDArray[np.float64]
    target: NDArray[np.float64]
    scale: tuple[float, float] | None = None

    @property
    def clipped(self) -> NDArray[np.float64]:
        """The predictions, cut to the scale."""
        return self.predicted if self.scale is None else np.clip(self.predicted, *self.scale)

    @property
    def binary(self) -> bool:
        """Whether the target is 0 or 1 throughout."""
        return bool(np.isin(self.target, (0.0, 1.0)).all())


def pairs_of(predict: Predict, data: Dataset, target: NDArray[Any], part: int, clip: bool = True) -> Pairs:
    """Predict all rows of a part whose target is known; `target` has one value for each interaction of the data.

    ModelError if a prediction is not a number.
    """
    target = np.asarray(target, dtype=np.float64)
    rows = np.flatnonzero((data.interactions.part == part) & ~np.isnan(target))
    predicted = np.asarray(predict(rows), dtype=np.float64).ravel()
    if np.isnan(predicted).any():
        hint = "Train it again with a smaller learning rate."
        raise ModelError("The model predicts values that are not numbers.", hint)
    past = target[(data.interactions.part == 0) & ~np.isnan(target)]
    scale = (float(past.min()), float(past.max())) if clip and len(past) else None
    return Pairs(data.interactions.user_row[rows], predicted, target[rows], scale)
