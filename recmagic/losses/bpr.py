"""Bayesian personalised ranking: a positive should score above each of its negatives."""

from __future__ import annotations

from typing import Any

from keras import ops


class BPR:
    """-log sigmoid(positive - negative), averaged over a positive's negatives (Rendle et al. 2009)."""

    kind = "pairwise"

    def __call__(self, positive: Any, negatives: Any, real: Any = None) -> Any:
        values = ops.softplus(negatives - ops.expand_dims(positive, 1))
        return mean_of_real(values, real)


def mean_of_real(values: Any, real: Any) -> Any:
    """Return the mean (R,) over the candidates that count."""
    if real is None:
        return ops.mean(values, axis=1)
    real = ops.cast(real, values.dtype)
    return ops.sum(values * real, axis=1) / ops.maximum(ops.sum(real, axis=1), 1.0)
