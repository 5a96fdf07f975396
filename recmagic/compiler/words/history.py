"""`history(value, length)`: that value for each of the user's last interactions, oldest first."""

from __future__ import annotations

from keras import ops

from recmagic.compiler.builder import Here
from recmagic.compiler.feeds import Window
from recmagic.compiler.value import QUERY, Value, zero_padding
from recmagic.spec import Node


def history(here: Here, value: Node, length: int) -> Value:
    """Read a value of the item or of the interaction for each of the user's last `length` interactions before this one.

    The result is a sequence (length, width) on the user side, oldest first, padded on the left.
    """
    if not isinstance(length, int) or isinstance(length, bool) or length < 1:
        raise here.error("The length of a history is a whole number from 1 up.", "Write history(item, 50).")
    return through(here, value, Window("history", length))


def through(here: Here, value: Node, window: Window) -> Value:
    """Return a value read through a window, as a sequence with the window's mask."""
    build = here.build
    if build.window is not None:
        raise here.error("A history cannot stand inside a history.", "Take the inner one out.")
    with build.through(window):
        inner = build.value(value)
    if inner.sequence:
        raise here.error("Each step of a history must be one vector, and this is a sequence.",
                         "Write mean(…) or a pooling layer first.", value)
    if inner.tensor.shape[0] is not None or inner.sides & {"user"}:
        raise here.error("A history takes values of the item or of the interaction.", "", value)
    steps = ops.reshape(inner.tensor, (-1, window.length, inner.width))
    mask = build.graphs.feed(QUERY, "", window, (window.length,), "bool")
    return Value(zero_padding(steps, mask), QUERY, frozenset({"user"}), mask)
