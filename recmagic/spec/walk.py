"""Looking through a tree: all nodes in it, the names it uses, and a problem at a node's place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from recmagic.errors import Problem
from recmagic.spec.source import shown
from recmagic.spec.tree import Call, Column, Group, Name, Node, Spec, Statement


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and all nodes inside it, each before its parts, from left to right."""
    yield node
    if isinstance(node, Group):
        for item in node.items:
            yield from walk(item)
    elif isinstance(node, Call):
        for argument in node.arguments:
            yield from walk(argument)
        for _, option in node.options:
            yield from walk(option)


def with_parts(node: Node, change: Callable[[Node], Node]) -> Node:
    """Return a node with each of the nodes directly inside it changed."""
    if isinstance(node, Group):
        return replace(node, items=tuple(map(change, node.items)))
    if isinstance(node, Call):
        return replace(node, arguments=tuple(map(change, node.arguments)),
                       options=tuple((name, change(option)) for name, option in node.options))
    return node


def names_used(node: Node) -> tuple[str, ...]:
    """Return the earlier statements that a node uses, each once, in the order of their first use."""
    return tuple(dict.fromkeys(each.name for each in walk(node) if isinstance(each, Name)))


def columns_used(node: Node) -> tuple[str, ...]:
    """Return the columns that stand in a node itself, each once, in the order of their first use."""
    return tuple(dict.fromkeys(each.name for each in walk(node) if isinstance(each, Column)))


def problem(spec: Spec, node: Node | Statement, message: str, hint: str = "") -> Problem:
    """Return a problem at a node of a spec, for `raise SpecError([...])`: the fact, the caret, one hint."""
    return Problem(message, node.place, shown(spec.line(node.place.line)), hint)
