"""The tree that a cell becomes: six shapes of node, pure data, comparable, with places that do not count."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Union

from recmagic.errors import Place

OPERATORS = (">>", "+", "*", "@")
NOWHERE = Place(0, 0, 0)


@dataclass(frozen=True)
class Literal:
    """A number, a string, True, False or None."""

    value: int | float | str | bool | None
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True)
class Column:
    """A column of the data, by the name the cell gives it (`user_id`, `item_id`, `rating`, `timestamp` are roles)."""

    name: str
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True)
class Name:
    """An earlier statement."""

    name: str
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True)
class Function:
    """A named function of Keras, such as `relu`."""

    name: str
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True)
class Group:
    """A tuple (several arguments) or a list (one argument that is a list)."""

    kind: str  # "tuple" or "list"
    items: tuple[Node, ...]
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True)
class Call:
    """A word, a class or an operator applied to arguments and options; an operator's name is its sign."""

    name: str
    arguments: tuple[Node, ...] = ()
    options: tuple[tuple[str, Node], ...] = ()
    place: Place = field(default=NOWHERE, compare=False, repr=False)


Node = Union[Literal, Column, Name, Function, Group, Call]


@dataclass(frozen=True)
class Statement:
    """One line of a cell: `name = value`."""

    name: str
    value: Node
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True)
class Spec:
    """A whole cell: its statements in order, and the text they were read from (which does not count in comparisons)."""

    statements: tuple[Statement, ...]
    text: str = field(default="", compare=False, repr=False)
    first_line: int = field(default=1, compare=False, repr=False)

    def statement(self, name: str) -> Statement | None:
        """Return the statement of that name, or None."""
        return next((each for each in self.statements if each.name == name), None)

    def meant(self, node: Node) -> Node:
        """Return what a node stands for: itself, or, for the name of an earlier line, what that line holds."""
        while isinstance(node, Name):
            statement = self.statement(node.name)
            assert statement is not None  # the reader has refused unknown names
            node = statement.value
        return node

    def line(self, number: int) -> str:
        """Return the text of a line, numbered as the notebook does."""
        lines = self.text.split(
            "\n"
        )  # not splitlines(): Python's own lines end at \n alone, after `read` has unified them
        index = number - self.first_line
        return lines[index] if 0 <= index < len(lines) else ""
