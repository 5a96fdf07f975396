"""Bayesian personalised ranking: a positive should score above each of its negatives."""

from __future__ import annotations

from typing import Any

from keras import ops

from recmagic.losses import mean_of_real


class BPR:
    """-log sigmoid(positive - negative), averaged over a positive's negatives (Rendle et al. 2009)."""

    kind = "pairwise"

    def __call__(self, positive: Any, negatives: Any, real: Any = None) -> Any:
        return mean_of_real(ops.softplus(negatives - ops.expand_dims(positive, 1)), real)
