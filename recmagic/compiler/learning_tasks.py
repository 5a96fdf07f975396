"""What a cell learns that has several scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from recmagic.compiler.learning import BINARY, REGRESSION, Learner, Learning, Target, learning
from recmagic.compiler.tasks import Tasks


def together(learners: Sequence[Learner], targets: Sequence[Target | None], sigmoids: Sequence[bool],
             tasks: Tasks) -> Learning:
    """Return what a cell learns that has several scores: the task that ranks, and all tasks within it.

    Each compares a row with a target of its own; SpecError where one does not.
    """
    found = []
    for learner, target, sigmoid, name in zip(learners, targets, sigmoids, tasks.names):
        statement = learner.spec.statement("target")
        assert statement is not None
        if target is None:
            raise learner.error(statement.value, "Each of several scores needs a target of its own.",
                                "Name a column of the interactions, or at_least(rating, 4).")
        learned = learning(learner, target, sigmoid, retrieval=False)
        if learned.kind not in (REGRESSION, BINARY):
            raise learner.error(statement.value, f"{type(learned.loss).__name__} compares rows with each other, which "
                                "several scores together cannot.", "Take BinaryCrossentropy() or a regression loss.")
        found.append(replace(learned, score=name))
    lead = found[tasks.ranked]
    others = tuple(each for task in found if task is not lead for each in task.defaults if each.what == "loss")
    return replace(lead, tasks=tuple(found), defaults=lead.defaults + others)
