"""A value of the cell while it is built: a Keras tensor, the graph it lives in, its mask and its sides."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import keras
from keras import ops

# The three graphs a score is cut into: per query (a user in a context), per item, and per pair.
QUERY, ITEM, HEAD = "query", "item", "head"


@dataclass(frozen=True)
class Value:
    """A tensor (rows, width) or, for a sequence, (rows, length, width), with the mask (rows, length) of its real steps.

    `graph` is query, item or head; `sides` are the sides of the columns it was made from.
    """

    tensor: Any
    graph: str
    sides: frozenset[str] = field(default_factory=frozenset)
    mask: Any = None

    @property
    def width(self) -> int:
        """The size of the last axis."""
        return int(self.tensor.shape[-1])

    @property
    def sequence(self) -> bool:
        """Whether there is an axis of steps between rows and width."""
        return len(self.tensor.shape) == 3

    @property
    def shape(self) -> str:
        """The shape of one row, for people: `32`, or `50 x 32` for a sequence."""
        return " × ".join("?" if size is None else str(size) for size in self.tensor.shape[1:])

    def with_tensor(self, tensor: Any) -> Value:
        """Return the same value holding another tensor, with padded steps set to zero when it is a sequence."""
        mask = self.mask if self.mask is not None and keeps_steps(tensor, self.mask) else None
        return replace(self, tensor=zero_padding(tensor, mask), mask=mask)

    def along(self, steps: Value) -> Value:
        """Return this vector repeated along the steps of a sequence."""
        tensor = ops.repeat(ops.expand_dims(self.tensor, 1), steps.tensor.shape[1], axis=1)
        return replace(self, tensor=zero_padding(tensor, steps.mask), mask=steps.mask)


def keeps_steps(tensor: Any, mask: Any) -> bool:
    """Return whether a tensor still has one step for each step of the mask."""
    return len(tensor.shape) == 3 and tensor.shape[1] == mask.shape[1]


def zero_padding(tensor: Any, mask: Any) -> Any:
    """Return a sequence with its padded steps set to zero; without a mask, the tensor itself."""
    if mask is None:
        return tensor
    return ops.multiply(tensor, ops.expand_dims(ops.cast(mask, tensor.dtype), -1))


def input_tensor(name: str, shape: tuple[int | None, ...], dtype: str) -> Any:
    """Return a Keras input of that row shape."""
    return keras.Input(shape, dtype=dtype, name=name)
