"""From a data set and what a cell learns to the arrays on the device, the examples and the sampler."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from recmagic.compiler.cut import Cut
from recmagic.compiler.learning import LISTWISE, Learning
from recmagic.compiler.log import entity_arrays, log_arrays
from recmagic.compiler.training_graph import graph_arrays
from recmagic.data.dataset import Dataset
from recmagic.data.split import TRAIN
from recmagic.errors import TrainingError
from recmagic.training.augmenting import augmenter
from recmagic.training.lists import ListSampler
from recmagic.training.oversampling import oversampled
from recmagic.training.pseudo_labels import positives
from recmagic.training.sampler import Candidates, Sampler, Taken

Arrays = dict[str, NDArray[Any]]
STEPS_AN_EPOCH, SMALLEST_BATCH, LARGEST_BATCH = 250, 64, 4096
# Where an example is a whole sequence of a user, it holds many predictions: fewer of them make a batch and an epoch.
SEQUENCE_STEPS_AN_EPOCH, SMALLEST_SEQUENCE_BATCH, LARGEST_SEQUENCE_BATCH = 60, 16, 128


def training_arrays(cut: Cut, learning: Learning, data: Dataset) -> Arrays:
    """Return everything that stays on the device during training."""
    return fixed_arrays(cut, learning, data) | log_of(cut, learning, data)


def parts(cut: Cut, learning: Learning, data: Dataset, batch: int | str | None, seed: int) -> tuple[Arrays, Sampler]:
    """Return the arrays and the sampler of a run, with the examples that the cell's augmentations make by this seed.

    `batch` is as for `sampler`. Raises TrainingError where there is nothing to learn from, or to make examples of.
    """
    arrays = training_arrays(cut, learning, data)
    for each in learning.augment:
        if each.between is not None:
            arrays = oversampled(cut, arrays, each.between, seed)
    examples = sampler(cut, learning, data, arrays, batch, seed)
    if "item/log_probability" in arrays and learning.negatives and learning.negatives.source == "batch":
        # Of what batches hold, made-up positives among it; where a row is a sequence, there are none.
        arrays |= _of_batches(examples, data) if examples.items is not None else {}
    return arrays, examples


def log_of(cut: Cut, learning: Learning, data: Dataset, stretch: slice = slice(None)) -> Arrays:
    """Return the training log, or that of a stretch of the interactions that holds whole users."""
    arrays: Arrays = log_arrays(data, [TRAIN], cut.tables.values(), stretch)
    if learning.profiles:  # its length is that of the longest profile
        arrays["log/longest"] = np.zeros(int((arrays["log/stop"] - arrays["log/start"]).max(initial=1)), np.int8)
    trained = data.interactions.part[stretch] == TRAIN
    if learning.tasks:
        return arrays | _of_tasks(learning, stretch, trained)
    if learning.target.values is None:
        arrays["log/example"] = data.interactions.positive[stretch][trained].astype(np.float32)
    else:
        arrays["log/target"], arrays["log/example"] = _known(learning, stretch, trained)
    if learning.weights is not None:
        arrays["log/weight"] = learning.weights[stretch][trained]
    return arrays


def _of_tasks(learning: Learning, stretch: slice, trained: NDArray[np.bool_]) -> Arrays:
    """Return each task's targets and what each row counts in it; a row with any of them is an example."""
    arrays: Arrays = {}
    every = []
    for place, task in enumerate(learning.tasks):
        arrays[f"log/target_{place}"], known = _known(task, stretch, trained)
        arrays[f"log/weight_{place}"] = known if task.weights is None else known * task.weights[stretch][trained]
        every.append(known)
    return arrays | {"log/example": np.max(every, axis=0)}


def _known(learning: Learning, stretch: slice, trained: NDArray[np.bool_]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the targets of training rows, 0 where one is unknown, and whether it is known."""
    assert learning.target.values is not None
    values = learning.target.values[stretch][trained]
    return np.nan_to_num(values), (~np.isnan(values)).astype(np.float32)


def fixed_arrays(cut: Cut, learning: Learning, data: Dataset) -> Arrays:
    """Return what does not belong to the log: the tables of users and items, and the catalogue."""
    arrays: Arrays = entity_arrays(cut.tables.values())
    if cut.reads_graph:
        arrays |= graph_arrays(data)
    negatives = learning.negatives
    if negatives is None or not (negatives.source == "catalogue" or negatives.correction):
        return arrays
    catalogue, counts = catalogue_of(learning, data)
    if negatives.source == "catalogue":
        arrays["catalogue"] = catalogue
        arrays["item/place"] = np.zeros(data.items.count + 1, np.int32)
        arrays["item/place"][catalogue] = np.arange(len(catalogue))
    if negatives.correction:
        power = negatives.power if negatives.source == "drawn" else 1.0
        arrays["item/log_probability"] = _log_probability(catalogue, counts**power, data.items.count)
    return arrays


def sampler(cut: Cut, learning: Learning, data: Dataset, arrays: Arrays, batch: int | str | None,
            seed: int = 0) -> Sampler:
    """Return the sampler over a log's examples; `batch` counts examples, "all" takes every one at once.

    The seed is for the positives that a model makes up, where the cell asks for them. Raises TrainingError where there
    is nothing to learn from.
    """
    if learning.profiles:
        return _users(arrays, batch)
    examples = numbers_of_examples(cut, arrays)
    if not len(examples):
        raise TrainingError("There is nothing to learn from: no training interaction counts as an example.",
                            "Look at the split, at --positive and at the target in the data's account.")
    users = arrays["log/user"]
    if learning.kind == LISTWISE and not cut.every_step:
        return _lists(learning, examples, users[examples], batch)
    whose, what, had = users[examples], items_of(cut, examples, arrays), (users, arrays["log/item"])
    for each in learning.augment:
        if each.labels is not None and what is not None:
            made = positives(each.labels, data, examples, whose, what, seed)
            examples = np.concatenate([examples, made.ends])
            whose, what = np.concatenate([whose, made.users]), np.concatenate([what, made.items])
            had = np.concatenate([had[0], made.users]), np.concatenate([had[1], made.items])
    candidates = None
    if learning.negatives and learning.negatives.source == "drawn":
        taken = Taken(*had, data.users.count, data.items.count)
        candidates = Candidates(learning.negatives, *catalogue_of(learning, data), taken)
    size = batch_size(batch, len(examples), cut.every_step)
    return Sampler(examples, whose, size, steps_of(cut), candidates, items=what,
                   masked=learning.masked, augment=augmenter(cut, learning, data, arrays))


def steps_of(cut: Cut) -> int:
    """Return how many predictions an example holds: one, or each step of a sequence."""
    return int(cut.query_tower.output["mask"].shape[1]) if cut.every_step else 1


def items_of(cut: Cut, examples: NDArray[np.int32], arrays: Arrays) -> NDArray[np.int32] | None:
    """Return the items (n,) that examples predict; None where each predicts one a step."""
    return None if cut.every_step else arrays["log/item"][examples]


def numbers_of_examples(cut: Cut, arrays: Arrays) -> NDArray[np.int32]:
    """Return the numbers in the log of what is predicted; with sequences, of the last interaction of each user."""
    if not cut.every_step:
        return np.flatnonzero(arrays["log/example"] > 0).astype(np.int32)
    stop = arrays["log/stop"]  # one example is one user's newest window, named by the last interaction in it
    with_past = np.flatnonzero(np.diff(np.concatenate([[0], stop])) > 1)
    return (stop[with_past] - 1).astype(np.int32)


def _users(arrays: Arrays, batch: int | str | None) -> Sampler:
    """Return the sampler over users who have a positive: each is an example."""
    counts = np.bincount(arrays["log/user"], arrays["log/example"], minlength=len(arrays["log/stop"]))
    users = np.flatnonzero(counts).astype(np.int32)
    if not len(users):
        raise TrainingError("There is nothing to learn from: no user has a positive in the training part.",
                            "Look at the split and at --positive in the data's account.")
    return Sampler(arrays["log/stop"][users], users, batch_size(batch, len(users), every_step=True), 1, None)


def _lists(learning: Learning, rows: NDArray[np.int32], users: NDArray[np.int32], batch: int | str | None) -> Sampler:
    made = ListSampler(rows, users, 1, learning.loss.length, None)
    if not made.example_count:
        raise TrainingError("There is nothing to put in order: no user has two training interactions with a target.",
                            "Take BPR(), which compares what a user has with what they have not.")
    made.batch = batch_size(batch, made.example_count, every_step=True)
    return made


def catalogue_of(learning: Learning, data: Dataset) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Return the items of the training part (C,) and how often each is a positive there (C,), at least once."""
    catalogue = np.flatnonzero(data.items.warm).astype(np.int32)
    examples = data.interactions.item_row[learning.target.examples(data)]
    counts = np.bincount(examples, minlength=data.items.count + 1)[catalogue]
    return catalogue, np.maximum(counts, 1).astype(np.float64)


def _of_batches(examples: Sampler, data: Dataset) -> Arrays:
    """Return how probable each item is in a batch."""
    counts = np.bincount(examples.items, minlength=data.items.count + 1)  # type: ignore[arg-type]
    catalogue = np.flatnonzero(data.items.warm).astype(np.int32)
    weights = np.maximum(counts[catalogue], 1).astype(np.float64)
    return {"item/log_probability": _log_probability(catalogue, weights, data.items.count)}


def _log_probability(catalogue: NDArray[np.int32], weights: NDArray[np.float64], count: int) -> NDArray[np.float32]:
    log = np.zeros(count + 1, np.float32)
    log[catalogue] = np.log(weights / weights.sum())
    return log


def batch_size(batch: int | str | None, examples: int, every_step: bool) -> int:
    """Return how many examples a step takes, given what was asked for; TrainingError where that is no batch."""
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
