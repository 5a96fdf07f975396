"""Distillation: a student learns from its data and, beside it, from what a teacher thinks of some items."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from recmagic.backends.protocol import Backend
from recmagic.compiler.cut import Cut
from recmagic.compiler.feeds import Arrays, Rows
from recmagic.compiler.learning import Learning
from recmagic.compiler.program import Program
from recmagic.compiler.recommender import Recommender
from recmagic.data.split import TRAIN
from recmagic.errors import ModelError
from recmagic.training.objective import Objective

BEST, OTHERS = 50, 50  # the candidates of a user: the teacher's best, and some drawn from the rest
PAIRS = 2**14  # of a user and a candidate, that a step compares
BLOCK = 256  # users that the teacher scores at once
WEIGHT, SHARPNESS = 1.0, 3.0


class Distilling(Objective):
    """The student's own loss and, times WEIGHT, the divergence of its softmax over a user's candidates from the
    teacher's, for some users of the batch as they are at the end of the training part.

    The candidates are the teacher's best items that the user does not have yet (Tang & Wang 2018, Ranking distillation)
    and some others, and the targets are soft (Hinton et al. 2015): the teacher's scores, standardised user by user.
    The data has `teacher/items` and `teacher/scores` (users + 1, C).
    """

    def __init__(self, cut: Cut, learning: Learning) -> None:
        super().__init__(cut, learning)
        # The loss is given as an object: its name, Keras's default, becomes a function that takes logits for
        # probabilities (3.15.1), which a test against numpy has found.
        self.soft = keras.distillation.LogitsDistillation(temperature=1.0, loss=keras.losses.KLDivergence())

    def sums(self, data: Arrays, batch: Arrays) -> tuple[Any, Any]:
        """Return the student's losses and the teacher's share of them, summed, and the number of predictions."""
        total, count = super().sums(data, batch)
        width = data["teacher/items"].shape[1]
        users = batch["users"] if "users" in batch else ops.take(data["log/user"], batch["ends"], axis=0)
        users = users[: max(1, PAIRS // width)]
        items = ops.take(data["teacher/items"], users, axis=0)
        wanted = ops.take(data["teacher/scores"], users, axis=0)
        return total + WEIGHT * count * self.soft.compute_loss(wanted, self._scores(data, users, items)), count

    def _scores(self, data: Arrays, users: Any, items: Any) -> Any:
        """Return the student's scores (U, C) of each user's own candidates, after all that they did in training."""
        queries = self.cut.queries(data, Rows(users, ops.take(data["log/stop"], users, axis=0)), training=True)
        vectors, count = queries.vectors, items.shape[1]
        if queries.mask is not None:  # the last step is the one that recommends
            length = queries.mask.shape[1]
            vectors = [ops.reshape(each, (-1, length, *each.shape[1:]))[:, -1] for each in vectors]
        own, _ = self.cut.items(data, ops.reshape(items, (-1,)), training=True)
        repeated = [ops.repeat(each, count, axis=0) for each in vectors]
        return ops.reshape(self.cut.pairs(repeated, own, training=True), (-1, count))


def check_student(program: Program) -> None:
    """Raise ModelError where a cell cannot be taught by lists."""
    if program.context_columns:
        raise ModelError("This cell reads the situation of each interaction, and a teacher's list has none.",
                         "Leave the interaction's own columns out of the student.")
    if program.learning.profiles or program.learning.tasks:
        raise ModelError("A student learns one score of one interaction at a time.",
                         "Take a student without profile_items() and with one score.")
    if any(each.between for each in program.learning.augment):
        raise ModelError("smote makes rows of nobody, of whom a teacher thinks nothing.", "Leave augment out.")


def taught(teacher: Recommender, backend: Backend, seed: int) -> dict[str, np.ndarray]:
    """Return what a teacher thinks: for each user row, some items (users + 1, C) and their scores, of mean 0 and
    deviation SHARPNESS a user. What a user has in the training part is not among the items."""
    data, random = teacher.data, np.random.default_rng(seed)
    scorer, seen = teacher.scorer(backend, [TRAIN]), data.interactions.seen(["train"])
    warm = np.flatnonzero(data.items.warm)
    best, others = min(BEST, max(1, len(warm) // 2)), min(OTHERS, max(1, len(warm) // 2))
    users = np.arange(data.users.count + 1, dtype=np.int32)
    items, scores = (np.zeros((len(users), best + others), kind) for kind in (np.int32, np.float32))
    for start in range(0, len(users), BLOCK):
        rows = users[start : start + BLOCK]
        all_scores = np.array(ops.convert_to_numpy(scorer.score(rows)), np.float64)
        ranked = np.where(seen[rows].toarray() > 0, -np.inf, all_scores)[:, warm]
        found = np.concatenate([np.argsort(-ranked, axis=1, kind="stable")[:, :best],
                                random.integers(0, len(warm), (len(rows), others))], axis=1)
        given = np.take_along_axis(all_scores[:, warm], found, axis=1)
        given = np.where(np.isfinite(given), given, np.min(given, initial=0.0, where=np.isfinite(given)))
        spread = np.maximum(given.std(axis=1, keepdims=True), 1e-6)
        items[rows], scores[rows] = warm[found], (given - given.mean(axis=1, keepdims=True)) / spread * SHARPNESS
    return {"teacher/items": items, "teacher/scores": scores}
