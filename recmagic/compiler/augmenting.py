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
    if any(each.change for each in learned.augment) and len(lengths(made.query_feeds)) != 1:
        found = "none" if not lengths(made.query_feeds) else "several lengths"
        raise learner.error(statement.value, f"A sequence is changed here, and the score has {found}.",
                            "Write history(value, length), with one length in the whole cell.")


def lengths(feeds: tuple[Feed, ...]) -> set[int]:
    """Return how many steps the histories of a query have."""
    return {feed.window.length for feed in feeds if feed.window is not None and feed.window.kind == "history"}
