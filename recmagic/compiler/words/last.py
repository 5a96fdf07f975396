"""`last(x)`: the newest step of a sequence."""

from __future__ import annotations

from recmagic.compiler.builder import Here
from recmagic.compiler.value import Value
from recmagic.spec import Node


def last(here: Here, sequence: Node) -> Value:
    """Take the last step of a sequence; sequences are padded on the left, so it is the newest real one."""
    steps = here.build.value(sequence)
    if not steps.sequence:
        raise here.error("last(…) needs a sequence.", "Write last(history(item, 50)).", sequence)
    return Value(steps.tensor[:, -1], steps.graph, steps.sides)
