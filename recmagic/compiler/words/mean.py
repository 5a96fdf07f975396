"""`mean(x)`: the mean over the real steps of a sequence or set."""

from __future__ import annotations

from keras import ops

from recmagic.compiler.builder import Here
from recmagic.compiler.value import Value
from recmagic.spec import Node


def mean(here: Here, sequence: Node) -> Value:
    """Average a sequence or set over its real steps, padding left out; of no steps it is zero."""
    steps = here.build.value(sequence)
    if not steps.sequence:
        raise here.error("mean(…) needs a sequence or a set.", "Write mean(history(item, 50)).", sequence)
    if steps.mask is None:
        return Value(ops.mean(steps.tensor, axis=1), steps.graph, steps.sides)
    count = ops.sum(ops.cast(steps.mask, steps.tensor.dtype), axis=1, keepdims=True)
    return Value(ops.divide(ops.sum(steps.tensor, axis=1), ops.maximum(count, 1)), steps.graph, steps.sides)
