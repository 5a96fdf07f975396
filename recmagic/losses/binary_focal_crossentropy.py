"""Binary focal cross-entropy: a cross-entropy that looks away from what is already told apart."""

from __future__ import annotations

from typing import Any

from keras import ops

from recmagic.losses import mean_with_positive


class BinaryFocalCrossentropy:
    """(1 - p)^gamma times the logistic loss, p the probability given to what happened (Lin et al. 2017, Focal loss).

    Averaged over a positive and its negatives, or on a 0/1 `target`. The parameters are Keras's: with
    `apply_class_balancing` a label y weighs alpha y + (1 - alpha) (1 - y). Computed from logits throughout: Keras's own
    rounds probabilities off at 1e-7, where its gradient ends.
    """

    kind = "pointwise"

    def __init__(self, apply_class_balancing: bool = False, alpha: float = 0.25, gamma: float = 2.0,
                 label_smoothing: float = 0.0) -> None:
        if gamma < 0:
            raise ValueError(f"gamma is 0 or more, not {gamma!r}.")
        self.apply_class_balancing, self.alpha = bool(apply_class_balancing), float(alpha)
        self.gamma, self.label_smoothing = float(gamma), float(label_smoothing)

    def __call__(self, positive: Any, negatives: Any, real: Any = None) -> Any:
        return mean_with_positive(self._of_one(positive), self._of_zero(negatives), real)

    def labelled(self, labels: Any, logits: Any) -> Any:
        """Return one loss a pair (R,) for labels (R,) of 0 and 1."""
        return ops.where(labels > 0.5, self._of_one(logits), self._of_zero(logits))

    def _of_one(self, logits: Any) -> Any:
        return self._balance(1 - self.label_smoothing / 2) * self._focal(logits)

    def _of_zero(self, logits: Any) -> Any:
        return self._balance(self.label_smoothing / 2) * self._focal(-logits)

    def _balance(self, label: float) -> float:
        return label * self.alpha + (1 - label) * (1 - self.alpha) if self.apply_class_balancing else 1.0

    def _focal(self, margin: Any) -> Any:
        """Return the loss of logits whose label is 1; those of label 0 are their mirror image."""
        half = self.label_smoothing / 2
        if not half:  # the power through logarithms: (1 - p)^gamma has no gradient once 1 - p is rounded to 0
            return ops.exp(-self.gamma * ops.softplus(margin)) * ops.softplus(-margin)
        doubt = half + (1 - 2 * half) * ops.sigmoid(-margin)
        return ops.power(doubt, self.gamma) * (ops.softplus(-margin) + half * margin)
