"""From an `ast` expression to a node of our tree: literals, operators and groups, each checked where it stands."""

from __future__ import annotations

import ast
import math
from dataclasses import replace

from recmagic.errors import Place
from recmagic.spec.calls import read_call
from recmagic.spec.positions import SETTINGS, Position, operand_positions
from recmagic.spec.refusals import refusal_of
from recmagic.spec.scope import UNKNOWN, Held, Scope, held, whole_text
from recmagic.spec.source import Refusal
from recmagic.spec.syntax import DEEP_HINT, DEEPEST, TOO_DEEP
from recmagic.spec.tree import Call, Column, Group, Literal, Node

_SIGNS = {ast.RShift: ">>", ast.Add: "+", ast.Mult: "*", ast.MatMult: "@"}
_LARGEST = 2**63
_APPLY = "Apply it to a value: value >> layer."
_ARTICLES = {
    "value": "a value", "layer": "a layer", "literal": "a literal", "column": "a column", "function": "a function",
    "loss": "a loss", "optimizer": "an optimizer", "metric": "a metric", "negatives": "a kind of negatives",
    "target": "a target", "augment": "an augmentation", "weights": "a kind of weights", "scorer": "a scorer",
    "initializer": "an initializer", "regularizer": "a regularizer", "constraint": "a constraint",
    "schedule": "a schedule", "search": "a search space",
}  # fmt: skip


def read_value(scope: Scope, node: ast.expr, position: Position) -> tuple[Node, Held]:
    """Return the tree of the value at the right of a `=`, and what it holds.

    Raises:
        Refusal: at the first piece that is not of the language or does not fit where it stands.
    """
    _refuse_depth(scope, node)
    return _read(scope, node, position, None)


def _refuse_depth(scope: Scope, root: ast.expr) -> None:
    """Refuse an expression so deep that walking it could exhaust the stack; this walk itself does not recurse."""
    stack: list[tuple[ast.AST, int]] = [(root, 1)]
    while stack:
        node, depth = stack.pop()
        if depth > DEEPEST:
            raise scope.source.refuse(root, TOO_DEEP, DEEP_HINT)
        stack.extend((child, depth + 1) for child in ast.iter_child_nodes(node))


def _read(scope: Scope, node: ast.expr, position: Position, place: Place | None) -> tuple[Node, Held]:
    """Read a piece and check that it fits its position; `place` is where it stands with its parentheses, if known."""
    where = place or scope.source.place(node)
    tree, what = _piece(scope, node, position, where)
    problem = _unfit(tree, what, position)
    if problem:
        raise scope.source.refuse(where, *problem)
    return tree, what


def _piece(scope: Scope, node: ast.expr, position: Position, place: Place) -> tuple[Node, Held]:
    """Read a piece, whatever it is."""
    if isinstance(node, ast.Name):
        return scope.resolve(node, position)
    if isinstance(node, ast.Call):
        return read_call(scope, node, position, place, _argument)
    if isinstance(node, ast.BinOp) and type(node.op) in _SIGNS:
        return _operator(scope, node, _SIGNS[type(node.op)], place)
    if isinstance(node, (ast.List, ast.Tuple)):
        return _group(scope, node, position, place)
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float, str, type(None))):
        return _literal(scope, node.value, place)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant):
        value = node.operand.value
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return _literal(scope, -value, place)
    raise _outside(scope, node)


def _argument(scope: Scope, node: ast.expr, position: Position) -> tuple[Node, Held]:
    """Read an argument of a call."""
    return _read(scope, node, position, None)


def _outside(scope: Scope, node: ast.expr) -> Refusal:
    """Return the refusal of a node outside the language; a dotted name is told its last part where that is a word."""
    message, hint = refusal_of(node)
    if isinstance(node, ast.Attribute) and scope.vocabulary.find(node.attr):
        hint = f"Write {node.attr}."
    return scope.source.refuse(node, message, hint)


def _literal(scope: Scope, value: int | float | str | None, place: Place) -> tuple[Node, Held]:
    """Return a literal; refuse what no stored form can hold."""
    if isinstance(value, float) and not math.isfinite(value):
        raise scope.source.refuse(place, "This number is too large.", "The largest is about 1.8e308.")
    if isinstance(value, int) and not -_LARGEST <= value < _LARGEST:
        raise scope.source.refuse(place, "This number is too long.", "Whole numbers have at most 18 digits.")
    if isinstance(value, str):
        whole_text(scope, value, place)
    return Literal(value, place), held("literal")


def _operator(scope: Scope, node: ast.BinOp, sign: str, place: Place) -> tuple[Node, Held]:
    """Read two operands; `layer >> layer` is a layer, everything else a value."""
    left_place, right_place = scope.source.operands(node)
    left_position, right_position = operand_positions(sign)
    left, what = _read(scope, node.left, left_position, left_place)
    if what.group and "layer" in what.kinds:
        raise scope.source.refuse(
            left_place, f"The parts of this {what.group} must be values; here is a layer.", _APPLY
        )
    right, _ = _read(scope, node.right, right_position, right_place)
    unknown = sign == ">>" and what == UNKNOWN
    return Call(sign, (left, right), (), place), UNKNOWN if unknown else held(
        "layer" if what == held("layer") else "value"
    )


def _group(scope: Scope, node: ast.List | ast.Tuple, position: Position, place: Place) -> tuple[Node, Held]:
    """Read a tuple (several arguments) or a list (one argument)."""
    kind = "list" if isinstance(node, ast.List) else "tuple"
    if not node.elts:
        raise scope.source.refuse(place, f"This {kind} is empty.", "Leave it out, or write what it holds.")
    if kind == "tuple" and len(node.elts) == 1:
        raise scope.source.refuse(place, "A tuple has two or more parts.", "Leave the comma out.")
    item = replace(position, listed=False, groups=position.groups if len(position.groups) > 1 else ())
    pieces = [_read(scope, element, item, None) for element in node.elts]
    kinds: frozenset[str] = frozenset().union(*(what.kinds for _, what in pieces))
    return Group(kind, tuple(tree for tree, _ in pieces), place), Held(kinds, kind)


def _unfit(node: Node, what: Held, position: Position) -> tuple[str, str] | None:
    """Return the fact and the hint where a piece does not fit its position, else None."""
    if what.group and what.group not in position.groups:
        return f"{position.must}; this is a {what.group}.", position.hint or "Side by side is a word: concat(a, b)."
    wrong = sorted(what.kinds - set(position.kinds))
    if wrong:
        return f"{position.must}; this is {_named(node, wrong[0])}.", _hint(node, wrong[0], position)
    if position.listed and not what.group and what.kinds:
        return f"{position.must}; this is {_named(node, min(what.kinds))} alone.", position.hint
    return None


def _named(node: Node, kind: str) -> str:
    """Say what a piece of a wrong kind is."""
    if isinstance(node, Literal):
        if node.value is None or isinstance(node.value, bool):
            return str(node.value)
        return "a text" if isinstance(node.value, str) else "a number"
    return _ARTICLES[kind]


def _hint(node: Node, kind: str, position: Position) -> str:
    """Return what to do about a piece of a wrong kind."""
    if position.hint:
        return position.hint
    if kind == "column":
        name = node.name if isinstance(node, Column) else "column"
        return f"Make it a value first: embedding({name}, 32) or number({name})."
    if kind == "literal":
        return "There is no arithmetic on numbers here; x >> Rescaling(2) scales a value."
    if kind == "layer":
        return _APPLY
    return "A layer takes values with >>: value >> layer." if position.bare == SETTINGS else ""
