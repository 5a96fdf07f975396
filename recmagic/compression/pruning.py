"""Magnitude pruning: the smallest weights of each table and kernel are set to zero and held there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from keras import ops
from numpy.typing import NDArray

from recmagic.compiler.program import Program

SMALL = 0.01  # of all numbers: a kernel that small, as the one that ends a score, costs little and says much
Masks = dict[int, NDArray[np.float32]]  # by the number of the trained variable, 1 where a weight is kept


def schedule(share: float, stages: int) -> list[float]:
    """Return the shares pruned at each of some stages, the last one `share`: fast at first, then ever more slowly.

    Share (1 - (1 - t/n)^3), after Zhu & Gupta 2018, To prune, or not to prune.
    """
    return [share * (1 - (1 - stage / stages) ** 3) for stage in range(1, stages + 1)]


def prune(program: Program, share: float) -> Masks:
    """Set the smallest weights of each table and kernel to zero, that share of them, and return which are kept.

    A table's and kernel's share is its own; small ones and vectors (biases, normalisations) stay whole. What is zero
    already is among the smallest, so that a higher share keeps on what a lower one has begun.
    """
    masks: Masks = {}
    for number, variable in enumerate(program.cut.trainable_variables):
        values = np.array(ops.convert_to_numpy(variable.value))
        if values.ndim < 2 or values.size <= SMALL * program.parameters:
            continue
        mask = np.ones(values.size, np.float32)
        mask[np.argsort(np.abs(values), axis=None, kind="stable")[: round(share * values.size)]] = 0
        masks[number] = mask.reshape(values.shape)
        variable.assign(values * masks[number])
    return masks


def held(masks: Mapping[int, NDArray[np.float32]]) -> dict[str, Any]:
    """Return masks as the arrays by which a training holds weights at zero."""
    return {f"kept/{number}": mask for number, mask in masks.items()}
