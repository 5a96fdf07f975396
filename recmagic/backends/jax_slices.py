"""A batch in slices on JAX, whose gradients are added up: what one slice computes stays in the processor's cache.

XLA on a CPU writes each result to memory before the next step reads it; for a large batch, that is most of the time.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from recmagic.backends.protocol import Arrays
from recmagic.backends.pure import Sums


def slopes_in_slices(sums: Sums, at_once: int, trainable: list[Any], rest: list[Any], inner: list[Any], data: Arrays,
                     batch: Arrays) -> tuple[Any, list[Any], list[Any]]:
    """Return the loss of a batch, the new values of what is not trained, and the slopes of what is.

    Each array of the batch is as long as there are examples, or a multiple of that.
    """
    number = slices(min(len(each) for each in batch.values()), at_once)
    of = jax.value_and_grad(sums, has_aux=True)

    def add(carry: Any, piece: Arrays) -> tuple[Any, None]:
        rest, *before = carry
        (_, (total, count, rest)), slopes = of(trainable, rest, inner, data, piece)
        return (rest, *jax.tree.map(jnp.add, before, [total, count, slopes])), None

    pieces = {key: each.reshape(number, -1, *each.shape[1:]) for key, each in batch.items()}
    nothing = jnp.zeros(()), jnp.zeros(()), jax.tree.map(jnp.zeros_like, trainable)
    (rest, total, count, slopes), _ = jax.lax.scan(add, (rest, *nothing), pieces)
    count = jnp.maximum(count, 1.0)
    return total / count, rest, [each / count for each in slopes]


def slices(examples: int, at_once: int) -> int:
    """Return in how many slices of one size to take a batch: of `at_once` examples, or of as few as half of that; in
    one where it does not come out even."""
    fewest = -(-examples // at_once)
    return next((number for number in range(fewest, 2 * fewest + 1) if examples % number == 0), 1)
