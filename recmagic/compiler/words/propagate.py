"""`propagate(own, other)`: an id's vector, smoothed over the graph of who has what."""

from __future__ import annotations

from typing import Any

from recmagic.compiler.builder import Here
from recmagic.compiler.feeds import CATALOGUE, GRAPH
from recmagic.compiler.graph_propagation import GraphPropagation
from recmagic.compiler.value import Value
from recmagic.spec import Call, Node
from recmagic.spec import Column as ColumnNode

MOST = 100  # by then all rows are alike, and each propagation makes the compiled step longer


def propagate(here: Here, own: Node, other: Node, layers: int = 3) -> Value:
    """Propagate the vectors of all users and items over the training part's interactions; give those of `own`'s side.

    `own` and `other` are embedding(user_id, ...) and embedding(item_id, ...), of one width, in either order.
    """
    if here.build.window is not None:
        raise here.error("A propagated vector cannot stand inside a history.", "Use the embedding itself there.")
    if not 1 <= layers <= MOST:
        raise here.error(f"The number of propagations is a whole number from 1 to {MOST}.",
                         "Write propagate(user, item, 3).")
    near, far = (_table(here, node) for node in (own, other))
    if near[0] == far[0]:
        raise here.error("propagate takes a vector of each side.", "Write propagate(user, item).", other)
    value = here.build.value(own)
    if value.width != here.build.value(other).width:
        raise here.error("Both tables must be of one width.", "Give both embeddings the same width.", other)
    graphs = here.build.graphs

    def read(name: str, dtype: str = "int32") -> Any:
        return graphs.feed(value.graph, GRAPH + name, CATALOGUE, (), dtype)

    (side, table), (other_side, other_table) = near, far
    codes, _ = here.rows_of(here.build.data.column(f"{side}_id"), own)
    propagation = here.layer("graph_propagation", lambda name: GraphPropagation(layers, name=name))
    found = propagation((table(read(f"{side}s")), other_table(read(f"{other_side}s")), read(side), read(other_side),
                         read("weight", "float32"), codes))
    return Value(found, value.graph, frozenset({side}))


def _table(here: Here, node: Node) -> tuple[str, Any]:
    """Return the side of an embedding of ids and its layer; SpecError at any other value."""
    build, call = here.build, here.build.spec.meant(node)
    column = call.arguments[0] if isinstance(call, Call) and call.name == "embedding" and call.arguments else None
    if not isinstance(column, ColumnNode) or column.name not in ("user_id", "item_id") or not isinstance(call, Call):
        raise here.error("propagate takes embeddings of ids.", "Write embedding(user_id, 64).", node)
    if {"rank", "hashed", "pq"} & dict(call.options).keys() or len(call.arguments) > 5:
        raise here.error("propagate reads whole tables, and this one is in parts.",
                         "Leave rank, hashed and pq out of the embedding.", node)
    build.value(node)  # makes the layer
    return column.name.removesuffix("_id"), build.made(call, "embedding")
