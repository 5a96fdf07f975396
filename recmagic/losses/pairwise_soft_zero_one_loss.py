"""Pairwise soft zero-one: how many candidates score above a positive, made smooth."""

from __future__ import annotations

from typing import Any

from keras import ops

from recmagic.losses import PairwiseLoss


class PairwiseSoftZeroOneLoss(PairwiseLoss):
    """1 - sigmoid(difference) (Keras-RS): a smooth count of the candidates ranked too high."""

    def of_pair(self, difference: Any) -> Any:
        """Return the loss of pairs by their difference, positive less candidate, (R, C)."""
        return ops.sigmoid(-difference)
