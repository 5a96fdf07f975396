"""Graph propagation: what users and items are is the mean of what they are and of what their neighbours are."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="recmagic")
class GraphPropagation(keras.layers.Layer):
    """Propagate two tables over a bipartite graph, and look rows up in the first.

    Called with (own (n, D), other (m, D), the ends of E edges in each (E,), their weights (E,), rows (B,)); gives
    (B, D). A propagation replaces each row by the weighted sum of its neighbours'; the result is the mean over `layers`
    of them and the table itself (He et al. 2020, LightGCN: simplifying and powering graph convolution network for
    recommendation).
    """

    def __init__(self, layers: int = 3, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.count = layers

    def call(self, given: Any) -> Any:
        own, other, own_ends, other_ends, weights, rows = given
        weights = ops.expand_dims(ops.cast(weights, own.dtype), 1)
        total, near, far = own, own, other
        for _ in range(self.count):
            near, far = (_summed(far, other_ends, own_ends, weights, near.shape[0]),
                         _summed(near, own_ends, other_ends, weights, far.shape[0]))
            total = total + near
        return ops.take(total / (self.count + 1), rows, axis=0)

    def compute_output_shape(self, shapes: Any) -> Any:
        return (shapes[-1][0], shapes[0][-1])

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "layers": self.count}


def _summed(table: Any, ends: Any, into: Any, weights: Any, count: int) -> Any:
    """Return for each of `count` rows the weighted sum of the rows of a table that edges join it with."""
    return ops.segment_sum(ops.take(table, ends, axis=0) * weights, into, num_segments=count)
