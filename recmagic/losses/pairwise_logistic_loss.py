"""Pairwise logistic: BPR with a temperature."""

from __future__ import annotations

from typing import Any

from keras import ops

from recmagic.losses import PairwiseLoss


class PairwiseLogisticLoss(PairwiseLoss):
    """log(1 + exp(-difference)) (Keras-RS; Burges et al. 2005, RankNet)."""

    def of_pair(self, difference: Any) -> Any:
        """Return the loss of pairs by their difference, positive less candidate, (R, C)."""
        return ops.softplus(-difference)
