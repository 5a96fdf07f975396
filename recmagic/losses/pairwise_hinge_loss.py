"""Pairwise hinge: a positive should score above each candidate by a margin of 1."""

from __future__ import annotations

from typing import Any

from keras import ops

from recmagic.losses import PairwiseLoss


class PairwiseHingeLoss(PairwiseLoss):
    """max(0, 1 - difference) (Keras-RS; Joachims 2002, Optimizing search engines using clickthrough data)."""

    def of_pair(self, difference: Any) -> Any:
        """Return the loss of pairs by their difference, positive less candidate, (R, C)."""
        return ops.relu(1 - difference)
