"""Reading the score: is it a sum of dot products across the sides (retrieval), or mixed pair by pair (ranking)?"""

from __future__ import annotations

from dataclasses import dataclass

from keras import ops

from recmagic.compiler.builder import Builder
from recmagic.compiler.operators import pipeline
from recmagic.compiler.value import ITEM, QUERY, Value
from recmagic.spec import Call, Function, Literal, Name, Node

SIGMOID = "sigmoid"
ACTIVATION_AT = {"Activation": 0, "Dense": 1}  # the layers whose activation comes last, and its place


@dataclass
class Terms:
    """A score as a sum: dot products of a query value and an item value, and one-sided terms of width 1."""

    products: list[tuple[Value, Value]]
    queries: list[Value]
    items: list[Value]

    @property
    def sides(self) -> frozenset[str]:
        """The sides that the whole sum depends on."""
        values = [*self.queries, *self.items, *(each for pair in self.products for each in pair)]
        return frozenset().union(*(value.sides for value in values))


def leave_out_sigmoid(build: Builder, node: Node) -> tuple[Node, bool]:
    """Return the score without the sigmoid that ends it, and whether there was one: a score is a logit."""
    ending = build.spec.meant(node)
    if not (isinstance(ending, Call) and ending.name == ">>"):
        return node, False
    last = pipeline(build, ending.arguments[1])[-1]
    position = ACTIVATION_AT.get(last.name, -1)
    by_place = last.arguments[position] if 0 <= position < len(last.arguments) else None
    given = dict(last.options).get("activation", by_place)
    named = given == Literal(SIGMOID) or (isinstance(given, Function) and given.name == SIGMOID)
    if position < 0 or not named:
        return node, False
    if last.name == "Activation" and ending.arguments[1] is last:
        return ending.arguments[0], True
    build.linear.add(id(last))
    return node, True


def retrieval_terms(build: Builder, node: Node) -> Terms | None:
    """Return the score as a sum of products across the sides and one-sided terms, or None if a part of it is mixed."""
    if isinstance(node, Name):
        statement = build.spec.statement(node.name)
        assert statement is not None
        return retrieval_terms(build, statement.value)
    if isinstance(node, Call) and node.name == "+":
        left, right = (retrieval_terms(build, each) for each in node.arguments)
        if left is None or right is None:
            return None
        return Terms(left.products + right.products, left.queries + right.queries, left.items + right.items)
    if isinstance(node, Call) and node.name == "@":
        graphs = {build.value(each).graph for each in node.arguments}
        if len(graphs) > 1:
            return _product(build, node)
    value = build.value(node)
    if value.graph == QUERY and value.width == 1:
        return Terms([], [value], [])
    if value.graph == ITEM and value.width == 1 and not value.sequence:
        return Terms([], [], [value])
    return None


def _product(build: Builder, node: Call) -> Terms | None:
    by_graph = {value.graph: value for value in (build.value(each) for each in node.arguments)}
    if set(by_graph) != {QUERY, ITEM} or by_graph[ITEM].sequence or by_graph[QUERY].width != by_graph[ITEM].width:
        return None  # mixed, or one-sided, or wrong: the general way of building says which
    return Terms([(by_graph[QUERY], by_graph[ITEM])], [], [])


def query_vector(terms: Terms) -> Value:
    """Return the query's side as one vector: its factors, then its own terms, then ones for the items' terms."""
    parts = [query for query, _ in terms.products] + _summed(terms.queries)
    return _joined(parts + ([_ones(parts[0])] if terms.items else []))


def item_vector(terms: Terms) -> Value:
    """Return the item's side as one vector, the mirror of `query_vector`."""
    factors, own = [item for _, item in terms.products], _summed(terms.items)
    ones = [_ones((factors + own)[0])] if terms.queries else []
    return _joined(factors + ones + own)


def _summed(terms: list[Value]) -> list[Value]:
    if not terms:
        return []
    steps = next((term for term in terms if term.sequence), None)
    total = terms[0] if steps is None or terms[0].sequence else terms[0].along(steps)
    for term in terms[1:]:
        term = term if steps is None or term.sequence else term.along(steps)
        total = total.with_tensor(ops.add(total.tensor, term.tensor))
    return [total]


def _ones(like: Value) -> Value:
    return like.with_tensor(ops.ones_like(like.tensor[..., :1]))


def _joined(parts: list[Value]) -> Value:
    steps = next((part for part in parts if part.sequence), None)
    parts = [part if steps is None or part.sequence else part.along(steps) for part in parts]
    sides = frozenset().union(*(part.sides for part in parts))
    tensor = parts[0].tensor if len(parts) == 1 else ops.concatenate([part.tensor for part in parts], axis=-1)
    return Value(tensor, parts[0].graph, sides, None if steps is None else steps.mask)
