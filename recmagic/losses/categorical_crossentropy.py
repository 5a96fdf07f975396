"""Categorical cross-entropy: a softmax over a positive and its candidates."""

from __future__ import annotations

from typing import Any

from keras import ops

HIDDEN = -1e9  # the logit of a candidate that does not count


class CategoricalCrossentropy:
    """-log softmax of the positive among itself and its candidates that count.

    Sampled, in-batch or over the whole catalogue, as `negatives` says (Klenitskiy & Vasilev 2023). `label_smoothing`
    is Keras's: the target is 1 - label_smoothing on the positive, the rest spread evenly over all that count.
    """

    kind = "softmax"

    def __init__(self, label_smoothing: float = 0.0) -> None:
        self.label_smoothing = float(label_smoothing)

    def __call__(self, positive: Any, negatives: Any, real: Any = None) -> Any:
        counted = negatives if real is None else ops.where(real, negatives, HIDDEN)
        total = ops.logaddexp(ops.logsumexp(counted, axis=1), positive)
        if not self.label_smoothing:
            return total - positive
        real = ops.ones_like(negatives) if real is None else ops.cast(real, negatives.dtype)
        mean = (positive + ops.sum(negatives * real, axis=1)) / (1 + ops.sum(real, axis=1))
        return total - (1 - self.label_smoothing) * positive - self.label_smoothing * mean

    def multinomial(self, taken: Any, scores: Any) -> Any:
        """Return -log softmax of the items taken (R, C), 1 or 0, among all, summed over them (R,)."""
        likelihood = scores - ops.logsumexp(scores, axis=1, keepdims=True)
        count = ops.sum(taken, axis=1)
        own = ops.sum(taken * likelihood, axis=1)
        return -(1 - self.label_smoothing) * own - self.label_smoothing * count * ops.mean(likelihood, axis=1)
