"""From a data set and what a cell learns to the arrays on the device, the examples and the sampler."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from recmagic.compiler.cut import Cut
from recmagic.compiler.learning import Learning
from recmagic.compiler.log import entity_arrays, log_arrays
from recmagic.data.dataset import Dataset
from recmagic.data.split import TRAIN
from recmagic.errors import TrainingError
from recmagic.training.sampler import Candidates, Sampler, Taken

Arrays = dict[str, NDArray[Any]]
STEPS_AN_EPOCH, SMALLEST_BATCH, LARGEST_BATCH = 250, 64, 4096
# Where an example is a whole sequence of a user, it holds many predictions: fewer of them make a batch and an epoch.
SEQUENCE_STEPS_AN_EPOCH, SMALLEST_SEQUENCE_BATCH, LARGEST_SEQUENCE_BATCH = 60, 16, 128


def training_arrays(cut: Cut, learning: Learning, data: Dataset) -> Arrays:
    """Return everything that stays on the device during training."""
    events = data.interactions
    trained = events.part == TRAIN
    arrays: Arrays = entity_arrays(cut.tables.values()) | log_arrays(data, [TRAIN], cut.tables.values())
    if learning.target.values is None:
        arrays["log/example"] = events.positive[trained].astype(np.float32)
    else:
        values = learning.target.values[trained]
        arrays["log/example"] = (~np.isnan(values)).astype(np.float32)
        arrays["log/target"] = np.nan_to_num(values)
    catalogue, counts = _catalogue(arrays, data)
    if learning.negatives and learning.negatives.source == "catalogue":
        arrays["catalogue"] = catalogue
        arrays["item/place"] = np.zeros(data.items.count + 1, np.int32)
        arrays["item/place"][catalogue] = np.arange(len(catalogue))
    if learning.negatives and learning.negatives.correction:
        power = learning.negatives.power if learning.negatives.source == "drawn" else 1.0
        arrays["item/log_probability"] = _log_probability(catalogue, counts**power, data.items.count)
    return arrays


def sampler(cut: Cut, learning: Learning, data: Dataset, arrays: Arrays, batch: int | str | None) -> Sampler:
    """Return the sampler over the training examples; `batch` counts examples, "all" takes every one at once.

    Raises TrainingError where there is nothing to learn from.
    """
    users, counted = arrays["log/user"], arrays["log/example"] > 0
    steps = cut.query_tower.output["mask"].shape[1] if cut.every_step else 1
    examples = np.flatnonzero(counted)
    if cut.every_step:  # one example is one user's newest window, named by the last interaction in it
        stop = arrays["log/stop"]
        with_past = np.flatnonzero(np.diff(np.concatenate([[0], stop])) > 1)
        examples = stop[with_past] - 1
    if not len(examples):
        raise TrainingError("There is nothing to learn from: no training interaction counts as an example.",
                            "Look at the split, at --positive and at the target in the data's account.")
    candidates = None
    if learning.negatives and learning.negatives.source == "drawn":
        catalogue, counts = _catalogue(arrays, data)
        taken = Taken(users, arrays["log/item"], data.users.count, data.items.count)
        candidates = Candidates(learning.negatives, catalogue, counts, taken)
    size = _batch_size(batch, len(examples), cut.every_step)
    return Sampler(examples.astype(np.int32), users[examples], size, steps, candidates)


def _catalogue(arrays: Arrays, data: Dataset) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Return the items of the training part (C,) and how often each is a positive there (C,), at least once."""
    catalogue = np.flatnonzero(data.items.warm).astype(np.int32)
    positives = arrays["log/item"][arrays["log/example"] > 0]
    counts = np.bincount(positives, minlength=data.items.count + 1)[catalogue]
    return catalogue, np.maximum(counts, 1).astype(np.float64)


def _log_probability(catalogue: NDArray[np.int32], weights: NDArray[np.float64], count: int) -> NDArray[np.float32]:
    log = np.zeros(count + 1, np.float32)
    log[catalogue] = np.log(weights / weights.sum())
    return log


def _batch_size(batch: int | str | None, examples: int, every_step: bool) -> int:
    if batch == "all":
        return examples
    if batch is None:
        steps, low, high = (
            (SEQUENCE_STEPS_AN_EPOCH, SMALLEST_SEQUENCE_BATCH, LARGEST_SEQUENCE_BATCH) if every_step
            else (STEPS_AN_EPOCH, SMALLEST_BATCH, LARGEST_BATCH))
        batch = int(np.clip(2 ** round(np.log2(max(1, examples / steps))), low, high))
    if not isinstance(batch, int) or isinstance(batch, bool) or batch < 1:
        raise TrainingError(f"A batch is a whole number of examples from 1 up, or all, not {batch!r}.",
                            "Write --batch 1024, or --batch all for plain gradient descent.")
    return min(batch, examples)
