"""Which augmentations a cell names, and whether they fit what it learns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recmagic.augment import Augmentation
from recmagic.compiler.feeds import Feed
from recmagic.compiler.settings import instance
from recmagic.spec import Group

if TYPE_CHECKING:
    from recmagic.compiler.cut import Cut
    from recmagic.compiler.learning import Learner, Learning


def augmentations(learner: Learner) -> tuple[Augmentation, ...]:
    """Return the augmentations of the cell's `augment` line, () without one; SpecError where a setting is wrong."""
    statement = learner.spec.statement("augment")
    if statement is None:
        return ()
    assert isinstance(statement.value, Group)  # the reader asks for a list
    return tuple(instance(learner.call("augment", node), ("augment",), learner.spec, learner.objects)
                 for node in statement.value.items)


def check_augmentations(learner: Learner, learned: Learning, made: Cut) -> None:
    """Refuse augmentations that have nothing to work on; SpecError."""
    statement = learner.spec.statement("augment")
    if statement is None:
        return
    if learned.masked or learned.profiles or learned.tasks or learned.kind == "listwise":
        raise learner.error(statement.value, "Augmentations are for one score, of one item or row an example.",
                            "Leave out augment, or masked_item, profile_items, ListMLE and further scores.")
    if any(each.mix for each in learned.augment) and (learned.ranking or made.every_step):
        raise learner.error(statement.value, "mixup mixes rows with their targets, and this model ranks items.",
                            "Give the cell a target, or take crop, mask, reorder or substitute.")
    for each in learned.augment:
        refusal = (_no_labels(learner, learned, made) if each.labels else _nothing_between(learner, learned, made)
                   if each.between else None)
        if refusal is not None:
            raise learner.error(statement.value, *refusal)
    if any(each.change for each in learned.augment) and len(lengths(made.query_feeds)) != 1:
        found = "none" if not lengths(made.query_feeds) else "several lengths"
        raise learner.error(statement.value, f"A sequence is changed here, and the score has {found}.",
                            "Write history(value, length), with one length in the whole cell.")


def _no_labels(learner: Learner, learned: Learning, made: Cut) -> tuple[str, str] | None:
    """Return why no positives can be made up for what a cell learns, and what can be done; None where they can."""
    if not learned.ranking:
        return ("pseudo_labels makes up positives of a ranking, and this model predicts a target.",
                "Write augment = [smote()] for a target of two classes, or weights = balanced().")
    if made.every_step:
        return ("What never happened has no place in a sequence, of which every step is learned.",
                "Write mean(history(…)), or augment = [substitute(0.2)].")
    if learner.spec.statement("weights") is not None:
        return "What never happened has no weight of its own.", "Leave out weights, or pseudo_labels."
    return None


def _nothing_between(learner: Learner, learned: Learning, made: Cut) -> tuple[str, str] | None:
    """Return why no row can be made between two others, and what can be done; None where one can."""
    if learned.ranking:
        return ("smote makes rows of the rarer class, and this model ranks items.",
                "Write augment = [pseudo_labels(EASE(500.0), items=20)], or weights = balanced(item_id, 0.5).")
    if learned.kind != "binary":
        return ("smote makes rows of the rarer class, and this model predicts a number.",
                "Write target = at_least(rating, 4) and loss = BinaryCrossentropy(), or weights = balanced().")
    if any(feed.window is not None for feed in (*made.query_feeds, *made.item_feeds)):
        return "A row that is made up has no history.", "Write weights = balanced(), or leave the history out."
    if not any(column.kind in ("number", "date") for column in made.tables.values()):
        return ("smote makes a row between two by their numbers, and this score reads none.",
                "Write weights = balanced(), or add number(column) to the score.")
    if learner.spec.statement("weights") is not None:
        return "smote evens out the classes, and weights would do so again.", "Leave out one of the two."
    return None


def lengths(feeds: tuple[Feed, ...]) -> set[int]:
    """Return how many steps the histories of a query have."""
    return {feed.window.length for feed in feeds if feed.window is not None and feed.window.kind == "history"}
