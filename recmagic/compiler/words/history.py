"""`history(value, length)`: that value for each of the user's last interactions, oldest first."""

from __future__ import annotations

from collections.abc import Iterator

from keras import ops

from recmagic.compiler.builder import Builder, Here
from recmagic.compiler.feeds import CATALOGUE, Window
from recmagic.compiler.mask_steps import MaskSteps
from recmagic.compiler.value import QUERY, Value, zero_padding
from recmagic.spec import Call, Name, Node, Spec, walk
from recmagic.spec import Column as ColumnNode

PER_STEP = ("fields", "BatchNormalization")  # what a value of every step is not the same as a value looked up for
L2_AT = {"embedding": 2, "bias": 1}  # the place of `l2` among the arguments
USUAL_BATCH = 128  # examples a step, to weigh the steps of a batch against the items of the catalogue


def history(here: Here, value: Node, length: int) -> Value:
    """Read a value of the item or of the interaction for each of the user's last `length` interactions before this one.

    The result is a sequence (length, width) on the user side, oldest first, padded on the left.
    """
    if length < 1:
        raise here.error("The length of a history is a whole number from 1 up.", "Write history(item, 50).")
    return through(here, value, Window("masked" if here.build.masked else "history", length))


def through(here: Here, value: Node, window: Window) -> Value:
    """Return a value read through a window, as a sequence with the window's mask.

    A value of the item alone is computed once for each item and looked up, where that is less work than computing it
    for every step of a batch.
    """
    build = here.build
    if build.window is not None:
        raise here.error("A history cannot stand inside a history.", "Take the inner one out.")
    looked_up = build.data.items.count <= USUAL_BATCH * window.length and _of_item_only(build, value)
    with build.through(CATALOGUE if looked_up else window):
        inner = build.value(value)
    if inner.sequence:
        raise here.error("Each step of a history must be one vector, and this is a sequence.",
                         "Write mean(…) or a pooling layer first.", value)
    mask = build.graphs.feed(QUERY, "", window, (window.length,), "bool")
    if looked_up:
        items = build.graphs.feed(QUERY, "log/item", window, (window.length,), "int32")
        steps = ops.take(inner.tensor, items, axis=0)
    else:
        steps = ops.reshape(inner.tensor, (-1, window.length, inner.width))
    if window.kind == "masked":
        hidden = build.graphs.feed(QUERY, "hidden", window, (window.length,), "bool")
        steps = here.layer("mask", lambda name: MaskSteps(name=name))((steps, hidden))
    return Value(zero_padding(steps, mask), QUERY, frozenset({"user"}), mask)


def _of_item_only(build: Builder, node: Node) -> bool:
    """Return whether a value needs item columns only, and more of them than a look-up of the id.

    Not where rows looked up are penalised, or where a layer should see the batch: those count every step.
    """
    reached = list(_reached(build.spec, node))
    first = next(each for each in reached if not isinstance(each, Name))
    if isinstance(first, Call) and first.name == "embedding" and first.arguments[:1] == (ColumnNode("item_id"),):
        return False
    calls = [each for each in reached if isinstance(each, Call)]
    return not any(call.name in PER_STEP or _penalised(call) for call in calls) and all(
        build.column(each).side == "item" for each in reached if isinstance(each, ColumnNode))


def _penalised(call: Call) -> bool:
    return "l2" in dict(call.options) or len(call.arguments) > L2_AT.get(call.name, len(call.arguments))


def _reached(spec: Spec, node: Node) -> Iterator[Node]:
    """Yield all nodes that a value is made of, those of earlier statements included."""
    for each in walk(node):
        yield each
        statement = spec.statement(each.name) if isinstance(each, Name) else None
        if statement is not None:
            yield from _reached(spec, statement.value)
