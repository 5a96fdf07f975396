"""How much memory a run needs, told before it starts, and refused where it could not fit."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from recmagic.backends.memory import in_bytes
from recmagic.compiler.graph_propagation import GraphPropagation
from recmagic.compiler.program import Program
from recmagic.compiler.scorer import BLOCK, PAIRS_AT_ONCE
from recmagic.compiler.sizes import numbers_in, numbers_of
from recmagic.errors import TrainingError
from recmagic.evaluation.ranking import users_at_once
from recmagic.training.poisson import PoissonSampler
from recmagic.training.remedies import SMALLER
from recmagic.training.sampler import BLOCK_ROWS, Sampler
from recmagic.training.sharding import ShardedSampler

Examples = Sampler | ShardedSampler | PoissonSampler

LARGEST_STEP = 2**31  # numbers of the candidates' scores in a step, where no one tells how much memory there is
NUMBER = 4  # bytes
# Measured on JAX, as what a run adds to the peak of a fresh process.
COMPILING = 90 * 10**6  # bytes that compiling takes, and what it leaves
DATA = 4  # copies of the log and the tables: read and placed, for training and for validation
DRAWING = 32  # bytes a row of the examples and negatives that are prepared at once
LEARNED = 3  # copies of what a step computes: the values, their gradients, and one while the other is made
RANKED = 2  # copies of the largest piece that is computed for scores, where no gradient keeps the others


def footprint(program: Program, arrays: dict[str, NDArray[Any]], examples: Examples) -> int:
    """Return about how many bytes a run adds to those in use: weights and optimizer, the data, and the larger of what a
    step and what a block of validation computes."""
    propagated = _propagated(program, arrays)
    computed = max(LEARNED * step_numbers(program, examples), _ranking(program)) + propagated
    data = DATA * sum(array.nbytes for array in arrays.values())
    return COMPILING + data + _drawing(examples) + NUMBER * (_weights(program) + computed)


def _drawing(examples: Examples) -> int:
    """Return how many bytes it takes to draw examples and negatives, and to know who has what."""
    rows, taken = examples.example_count * examples.steps, 0
    if examples.candidates is not None:
        rows *= 1 + examples.candidates.negatives.count
        known = examples.candidates.taken
        taken = int((known.keys if known.bits is None else known.bits).nbytes)
    return DRAWING * min(BLOCK_ROWS, rows) + taken


def check_size(program: Program, examples: Examples, needs: int, memory: int | None) -> None:
    """Refuse a run that the device's memory could not hold, before anything is allocated."""
    if memory is None and candidate_scores(program, examples.batch * examples.steps) > LARGEST_STEP:
        raise TrainingError(f"The run needs about {in_bytes(needs)} for the scores of a step alone.", SMALLER)
    if memory is not None and needs > memory:
        raise TrainingError(f"The run needs about {in_bytes(needs)}, and there are {in_bytes(memory)} here.", SMALLER)


def _weights(program: Program) -> int:
    """Return how many numbers hold the weights: the state, its gradient, the published ones, the best epoch's as they
    replace others, and twice what the optimizer remembers."""
    return program.parameters * (5 + 2 * _remembered(program.make_optimizer()))


def _remembered(optimizer: Any) -> int:
    """Return how many numbers an optimizer keeps for each that it changes, found on a variable of six."""
    if isinstance(getattr(optimizer, "inner_optimizer", optimizer), keras.optimizers.MultiOptimizer):
        return 2  # it asks a function of the user's about each variable: as many as most have
    probe = keras.Variable(np.zeros((2, 3)))
    optimizer.build([probe])
    return sum(tuple(each.shape) == (2, 3) for each in optimizer.variables)


def step_numbers(program: Program, examples: Examples) -> int:
    """Return how many numbers a step computes on its way to the loss."""
    cut, size, rows = program.cut, examples.batch, examples.batch * examples.steps
    drawn = examples.candidates.negatives if examples.candidates else None
    items = rows * (1 if drawn is None or drawn.shared else 1 + drawn.count)
    numbers = size * _width(cut.query_tower) + candidate_scores(program, rows)
    if cut.looked_up and items > cut.item_count + 1:
        numbers += (cut.item_count + 1) * _width(cut.item_tower) + items * _given(cut.item_tower)
    else:
        numbers += items * _width(cut.item_tower)
    return numbers + (0 if cut.head is None else items * _width(cut.head))


def _propagated(program: Program, arrays: dict[str, NDArray[Any]]) -> int:
    """Return how many numbers are sent along the edges of the graph at a time, both ways: no gradient needs to keep
    them, so one propagation follows the other in their place."""
    edges = len(arrays.get("graph/user", ()))
    towers = (program.cut.query_tower, program.cut.item_tower)
    return sum(2 * edges * layer.output.shape[-1] for tower in towers for layer in tower.layers
               if isinstance(layer, GraphPropagation))


def _ranking(program: Program) -> int:
    """Return how many numbers ranking the items for a block of users computes."""
    cut, items = program.cut, program.cut.item_count + 1
    users = min(users_at_once(items), program.data.users.count)
    largest = max(users * _largest(cut.query_tower), min(items, BLOCK) * _largest(cut.item_tower), users * items)
    head = 0 if cut.head is None else PAIRS_AT_ONCE * _width(cut.head)
    return max(RANKED * largest, head)


def candidate_scores(program: Program, rows: int) -> int:
    """Return how many numbers the scores of a step's shared candidates are, for so many predictions."""
    negatives = program.learning.negatives
    if negatives is None or (negatives.source == "drawn" and not negatives.shared):
        return 0
    warm = int(np.count_nonzero(program.data.items.warm))
    items = {"catalogue": warm, "batch": rows, "drawn": negatives.count}[negatives.source]
    head = program.cut.head
    return rows * items * (1 if head is None else _width(head))


def _width(tower: Any) -> int:
    """Return how many numbers a tower computes for a row."""
    return sum(_numbers(tower))


def _largest(tower: Any) -> int:
    """Return how many numbers the layer or operation of a tower computes for a row that computes most."""
    return max(_numbers(tower), default=0)


def _numbers(tower: Any) -> list[int]:
    """Return how many numbers each layer and operation computes for a row."""
    return [numbers_in(each, each.output) for each in tower.operations if not isinstance(each, keras.layers.InputLayer)]


def _given(operation: Any) -> int:
    """Return how many numbers come out of a layer or tower for a row."""
    return numbers_of(operation.output)
