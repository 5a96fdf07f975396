"""How much memory a run needs, told before it starts, and refused where it could not fit."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from recmagic.compiler.program import Program
from recmagic.errors import TrainingError
from recmagic.training.sampler import Sampler
from recmagic.training.sharding import ShardedSampler

LARGEST_STEP = 2**31  # numbers of the candidates' scores in a step; more would not fit into memory
COPIES_OF_WEIGHTS = 6  # the state, its gradient, two moments as Adam has them, the published ones, the best epoch's
COPIES_OF_VALUES = 3  # what a step computes: the values, their gradients, and one while the other is made


def footprint(program: Program, arrays: dict[str, NDArray[Any]], examples: Sampler | ShardedSampler) -> int:
    """Return about how many bytes a run needs: weights and optimizer, the data, and what one step computes."""
    rows = examples.batch * examples.steps
    tables = COPIES_OF_WEIGHTS * program.parameters * 4
    data = sum(array.nbytes for array in arrays.values())
    drawn = examples.candidates.negatives.count if examples.candidates else 0
    step = rows * _width(program.cut.query_tower) + rows * (1 + drawn) * _width(program.cut.item_tower)
    if program.cut.head is not None:
        step += rows * (1 + drawn) * _width(program.cut.head)
    return tables + data + COPIES_OF_VALUES * 4 * (step + candidate_scores(program, rows))


def candidate_scores(program: Program, rows: int) -> int:
    """Return how many numbers the scores of a step's shared candidates are, for so many predictions."""
    negatives = program.learning.negatives
    if negatives is None or (negatives.source == "drawn" and not negatives.shared):
        return 0
    warm = int(np.count_nonzero(program.data.items.warm))
    items = {"catalogue": warm, "batch": rows, "drawn": negatives.count}[negatives.source]
    head = program.cut.head
    return rows * items * (1 if head is None else sum(each.shape[-1] for each in head.inputs))


def check_size(program: Program, rows: int) -> None:
    """Refuse a step whose scores alone would not fit, before anything is allocated."""
    numbers = candidate_scores(program, rows)
    if numbers > LARGEST_STEP:
        size = numbers * 4 / 2**30
        raise TrainingError(f"A step would score {rows:,} predictions against so many candidates that it takes "
                            f"{size:,.0f} GiB.", "Take a smaller --batch, or negatives = uniform(16).")


def _width(tower: Any) -> int:
    """Return how many numbers a tower computes for a row."""
    return sum(int(np.prod([size or 1 for size in tensor.shape[1:]])) for layer in tower.layers
               for tensor in _tensors(layer.output))


def _tensors(output: Any) -> list[Any]:
    return list(output) if isinstance(output, (list, tuple)) else [output]
