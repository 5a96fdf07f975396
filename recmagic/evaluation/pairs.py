"""Predictions beside what happened, row by row of one part: what the pointwise metrics measure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable

import numpy as np
from numpy.typing import NDArray

from recmagic.data.dataset import Dataset
from recmagic.data.interactions import PARTS
from recmagic.data.split import TRAIN
from recmagic.errors import DataError, ModelError

# row numbers of `data.interactions` (n,) -> predictions (n,), probabilities under a binary target
Predict = Callable[[NDArray[np.int64]], Any]


@dataclass(frozen=True)
class Pairs:
    """N rows: who, the prediction and the target.

    A `binary` target is 0 or 1 and its predictions are probabilities; otherwise `scale` is its training (low, high).
    """

    user_row: NDArray[np.int32]
    predicted: NDArray[np.float64]
    target: NDArray[np.float64]
    scale: tuple[float, float] | None = None
    binary: bool = False

    @property
    def positive(self) -> NDArray[np.bool_]:
        """Which rows have the target 1."""
        return self.target > 0.5

    @property
    def called(self) -> NDArray[np.bool_]:
        """Which rows are predicted to have it: those of a probability of at least 0.5."""
        return self.predicted >= 0.5

    @property
    def clipped(self) -> NDArray[np.float64]:
        """The predictions, cut to the scale."""
        return self.predicted if self.scale is None else np.clip(self.predicted, *self.scale)


def pairs_of(predict: Predict, data: Dataset, target: NDArray[Any], *, on: str = "test", binary: bool = False) -> Pairs:
    """Predict the rows of a part whose target is known; `target` float (n,) has one value for each interaction.

    ModelError if a prediction is not a number; DataError if no row of the part has a target.
    """
    known = ~np.isnan(np.asarray(target, dtype=np.float64))
    part = data.interactions.part
    rows = np.flatnonzero((part == PARTS[on]) & known)
    if not len(rows):
        raise DataError(f"No row of the {on} part has a value of the target.", "Choose another split or target.")
    predicted = np.asarray(predict(rows), dtype=np.float64).ravel()
    if np.isnan(predicted).any():
        hint = "Train it again, with a smaller learning rate if its loss was not a number either."
        raise ModelError("The model predicts values that are not numbers.", hint)
    past = target[(part == TRAIN) & known]
    scale = None if binary or not len(past) else (float(past.min()), float(past.max()))
    truth = np.asarray(target[rows], dtype=np.float64)
    return Pairs(data.interactions.user_row[rows], predicted, truth, scale, binary)
