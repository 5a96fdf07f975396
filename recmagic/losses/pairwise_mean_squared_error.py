"""Pairwise squared error: differences of scores should be differences of labels."""

from __future__ import annotations

from typing import Any

from keras import ops

from recmagic.losses import mean_of_real


class PairwiseMeanSquaredError:
    """The mean of ((y_i - y_j) - (s_i - s_j))^2 over all pairs of a positive (y = 1) and its candidates (y = 0).

    As in Keras-RS two candidates make a pair too, whose scores should not differ; there the pairs are summed.
    """

    kind = "pairwise"

    def __call__(self, positive: Any, negatives: Any, real: Any = None) -> Any:
        to_positive = mean_of_real(ops.square(1 - ops.expand_dims(positive, 1) + negatives), real)
        centre = ops.expand_dims(mean_of_real(negatives, real), 1)
        spread = mean_of_real(ops.square(negatives - centre), real)  # half the mean over (j, k), j = k included
        count = negatives.shape[1] if real is None else ops.sum(ops.cast(real, negatives.dtype), axis=1)
        return 2 * (to_positive + count * spread) / (count + 1)
