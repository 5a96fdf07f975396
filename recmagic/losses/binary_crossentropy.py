"""Binary cross-entropy: observed pairs against negatives, or a 0/1 target."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from recmagic.losses import mean_with_positive


class BinaryCrossentropy:
    """The logistic loss of each pair, averaged over a positive and its negatives (He et al. 2017); scores are logits.

    With a 0/1 `target` it is Keras's own loss on the pair, see `labelled`. `label_smoothing` is Keras's: labels become
    0.5 label_smoothing and 1 - 0.5 label_smoothing.
    """

    kind = "pointwise"

    def __init__(self, label_smoothing: float = 0.0) -> None:
        self.label_smoothing = float(label_smoothing)
        self._keras = keras.losses.BinaryCrossentropy(from_logits=True, label_smoothing=label_smoothing)

    def __call__(self, positive: Any, negatives: Any, real: Any = None) -> Any:
        half = self.label_smoothing / 2
        of_positive = ops.softplus(-positive) + half * positive
        return mean_with_positive(of_positive, ops.softplus(negatives) - half * negatives, real)

    def labelled(self, labels: Any, logits: Any) -> Any:
        """Return one loss a pair (R,) for labels (R,) of 0 and 1."""
        return self._keras.call(ops.expand_dims(labels, 1), ops.expand_dims(logits, 1))
