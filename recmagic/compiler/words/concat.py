"""`concat(a, b, ...)`: values side by side."""

from __future__ import annotations

from keras import ops

from recmagic.compiler.builder import Here
from recmagic.compiler.value import Value
from recmagic.spec import Node


def concat(here: Here, *values: Node) -> Value:
    """Put values, or the values of a list, side by side along the last axis; vectors are repeated along a sequence."""
    parts: list[Value] = []
    for node in values:
        found = here.build.values(node)
        parts += found if isinstance(found, list) else [here.build.value(node)]
    if not parts:
        raise here.error("concat needs at least one value.", "Write concat(user, item).")
    for part in parts:
        if len(part.tensor.shape) > 3:
            message = f"concat takes vectors and sequences, and this is {part.shape}."
            raise here.error(message, "Write >> Flatten() first.")
    lengths = sorted({part.tensor.shape[1] for part in parts if part.sequence})
    if len(lengths) > 1:
        message = f"These sequences have {lengths[0]} and {lengths[1]} steps."
        raise here.error(message, "Give both histories one length.")
    together = here.build.graphs.together(parts)
    sides = frozenset().union(*(part.sides for part in together))
    mask = next((part.mask for part in together if part.mask is not None), None)
    tensor = together[0].tensor if len(together) == 1 else ops.concatenate([part.tensor for part in together], axis=-1)
    return Value(tensor, together[0].graph, sides, mask)
