"""Ranking losses over positives and their candidates, one a file, and what several of them share.

Each is called with `positive` (R,), the logits of R positives, `negatives` (R, C), the logits of their candidates, and
`real` (R, C), which candidates count (None: all), and returns one loss a positive (R,). `kind` says how the loss
compares: "pointwise", "pairwise" (it depends on the differences of scores alone) or "softmax". A "listwise" loss has no
candidates: its `lists(labels, scores, real)` takes B lists of a user's own rows (B, L), of which those `real` count,
and returns one loss a row (B, L).

A loss may have more: `labelled(labels, logits)`, one loss a pair for labels (R,) of 0 and 1, so that it can stand
beside a 0/1 target; `multinomial(taken, scores)`, one loss a user for all that they have; `for_catalogue(items)`,
called once with the number of items that candidates come from, where the loss depends on it; `usual_negatives`, the
text of the candidates that it takes by default and why.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from keras import ops


def mean_of_real(values: Any, real: Any) -> Any:
    """Return the mean (R,) of values (R, C) over the candidates that count; 0 where none does."""
    if real is None:
        return ops.mean(values, axis=1)
    real = ops.cast(real, values.dtype)
    return ops.sum(values * real, axis=1) / ops.maximum(ops.sum(real, axis=1), 1.0)


def mean_with_positive(of_positive: Any, of_negatives: Any, real: Any) -> Any:
    """Return the mean (R,) over a positive's own value (R,) and those of its candidates that count (R, C)."""
    if real is None:
        return (of_positive + ops.sum(of_negatives, axis=1)) / (1 + of_negatives.shape[1])
    real = ops.cast(real, of_negatives.dtype)
    return (of_positive + ops.sum(of_negatives * real, axis=1)) / (1 + ops.sum(real, axis=1))


class PairwiseLoss(ABC):
    """The mean, over a positive's candidates, of a function of how far the positive scores above one of them.

    Keras-RS sums over the pairs of a list; the mean keeps the step size apart from the number of candidates. The
    difference is divided by `temperature`, as there.
    """

    kind = "pairwise"

    def __init__(self, temperature: float = 1.0) -> None:
        if temperature <= 0:
            raise ValueError(f"the temperature is above 0, not {temperature!r}.")
        self.temperature = float(temperature)

    def __call__(self, positive: Any, negatives: Any, real: Any = None) -> Any:
        return mean_of_real(self.of_pair((ops.expand_dims(positive, 1) - negatives) / self.temperature), real)

    @abstractmethod
    def of_pair(self, difference: Any) -> Any:
        """Return the loss of pairs by their difference, positive less candidate, (R, C)."""
