"""Generalised binary cross-entropy: what sampled negatives make overconfident is taken back."""

from __future__ import annotations

from typing import Any

from keras import ops

from recmagic.losses import mean_with_positive


class GBCE:
    """Binary cross-entropy whose positive counts beta = 1 - t (1 - alpha) times (gSASRec, Petrov & Macdonald 2023).

    alpha is the rate of sampling: the share of the other items that stand against a positive. t goes from 0, plain
    binary cross-entropy, to 1, where scores are calibrated as if all items had been candidates. (The paper's
    beta = alpha (t (1 - 1 / alpha) + 1 / alpha) is the same number, and sigmoid(s)^beta its probability.)
    """

    kind = "pointwise"
    usual_negatives = ("uniform(256)", "256 negatives a positive, as in its paper")

    def __init__(self, t: float = 0.75) -> None:
        if not 0 <= t <= 1:
            raise ValueError(f"t goes from 0 to 1, not {t!r}.")
        self.t = float(t)
        self.others: int | None = None

    def for_catalogue(self, items: int) -> None:
        """Take the number of items that candidates come from; before, the candidates are taken to be all of them."""
        self.others = max(1, items - 1)

    def __call__(self, positive: Any, negatives: Any, real: Any = None) -> Any:
        count = negatives.shape[1] if real is None else ops.sum(ops.cast(real, negatives.dtype), axis=1)
        alpha = ops.minimum(count / (self.others or negatives.shape[1]), 1.0)
        beta = 1 - self.t * (1 - alpha)
        return mean_with_positive(beta * ops.softplus(-positive), ops.softplus(negatives), real)
