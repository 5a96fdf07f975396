"""The four operators: apply a layer, add, multiply, and the dot product over the last axis."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from keras import ops

from recmagic.compiler.layer_call import call_layer
from recmagic.compiler.value import Value
from recmagic.data.column import Column
from recmagic.spec import Call, Group, Name, Node

if TYPE_CHECKING:
    from recmagic.compiler.builder import Builder


def apply(build: Builder, node: Call) -> Value:
    """`value >> layer`: the layer called on the value, on several of a tuple, or on a list."""
    left, right = node.arguments
    given = build.values(left)
    as_list = isinstance(given, list) and not (isinstance(left, Group) and left.kind == "tuple")
    for layer_call in pipeline(build, right):
        given = build.value(left) if isinstance(given, Column) else given  # says how a column becomes a value
        values = build.graphs.together(given if isinstance(given, list) else [given], along=False)
        given, as_list = call_layer(build, layer_call, values, as_list), False
    return given


def pipeline(build: Builder, node: Node) -> list[Call]:
    """Return the layer calls that a node stands for, first to last: `Dense(8) >> Dense(1)` is two."""
    if isinstance(node, Name):
        statement = build.spec.statement(node.name)
        assert statement is not None
        return pipeline(build, statement.value)
    assert isinstance(node, Call)  # the reader has refused what is not a layer
    if node.name == ">>":
        return [*pipeline(build, node.arguments[0]), *pipeline(build, node.arguments[1])]
    return [node]


def add(build: Builder, node: Call) -> Value:
    """`a + b`: the element-wise sum of values of one width (or of width 1)."""
    return _element_wise(build, node, ops.add, "adds")


def multiply(build: Builder, node: Call) -> Value:
    """`a * b`: the element-wise product of values of one width (or of width 1)."""
    return _element_wise(build, node, ops.multiply, "multiplies")


def dot(build: Builder, node: Call) -> Value:
    """`a @ b`: the dot product over the last axis, of width 1."""
    left, right = _operands(build, node)
    if left.width != right.width:
        message = f"@ needs two values of one width, and these are {left.width} and {right.width} wide."
        raise build.error(node, message, f"Bring one to the other's width: >> Dense({right.width}).")
    tensor = ops.sum(ops.multiply(left.tensor, right.tensor), axis=-1, keepdims=True)
    return Value(tensor, left.graph, left.sides | right.sides, left.mask)


def _element_wise(build: Builder, node: Call, operation: Callable[[Any, Any], Any], verb: str) -> Value:
    left, right = _operands(build, node)
    if left.width != right.width and 1 not in (left.width, right.width):
        message = f"{node.name} {verb} element by element, and these are {left.width} and {right.width} wide."
        raise build.error(node, message, "concat(…) puts them side by side.")
    merged = Value(left.tensor, left.graph, left.sides | right.sides, left.mask)
    return merged.with_tensor(operation(left.tensor, right.tensor))


def _operands(build: Builder, node: Call) -> tuple[Value, Value]:
    left, right = (build.value(each) for each in node.arguments)
    for each in (left, right):
        if len(each.tensor.shape) > 3:
            message = f"{node.name} takes vectors and sequences, and this is {each.shape}."
            raise build.error(node, message, "Write >> Flatten() first.")
    if left.sequence and right.sequence and left.tensor.shape[1] != right.tensor.shape[1]:
        message = f"These sequences have {left.tensor.shape[1]} and {right.tensor.shape[1]} steps."
        raise build.error(node, message, "Give both histories one length.")
    first, second = build.graphs.together([left, right])
    return first, second


OPERATORS: dict[str, Callable[[Builder, Call], Value]] = {">>": apply, "+": add, "*": multiply, "@": dot}
