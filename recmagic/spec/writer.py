"""A `Spec` becomes text again: one line a statement, in one canonical form."""

from __future__ import annotations

import json
import keyword

from recmagic.spec.positions import COLUMNS, NAMES, SETTINGS, is_class, statement_position
from recmagic.spec.tree import OPERATORS, Call, Column, Group, Literal, Node, Spec

_PRECEDENCE = {">>": 1, "+": 2, "*": 3, "@": 3}  # Python's own


def write(spec: Spec) -> str:
    """Return the canonical text of a spec: `read(write(spec), vocabulary)` is the spec again."""
    lines = []
    earlier: set[str] = set()
    for statement in spec.statements:
        lines.append(
            f"{statement.name} = {_Writer(earlier).text(statement.value, statement_position(statement.name).bare)}\n"
        )
        earlier.add(statement.name)
    return "".join(lines)


def write_node(spec: Spec, name: str) -> str:
    """Return the canonical text of the value of the statement of that name, or an empty string without one."""
    names = [statement.name for statement in spec.statements]
    statement = spec.statement(name)
    if statement is None:
        return ""
    return _Writer(set(names[: names.index(name)])).text(statement.value, statement_position(name).bare)


class _Writer:
    """Writes the nodes of one statement; `earlier` are the names that hide columns there."""

    def __init__(self, earlier: set[str]) -> None:
        self.earlier = earlier

    def text(self, node: Node, bare: str) -> str:
        """Return the text of a node where a bare name means `bare`."""
        if isinstance(node, Literal):
            return _literal(node.value)
        if isinstance(node, Column):
            return self._column(node.name, bare)
        if isinstance(node, Group):
            items = ", ".join(self.text(item, bare) for item in node.items)
            return f"[{items}]" if node.kind == "list" else f"({items})"
        if isinstance(node, Call):
            return self._operator(node) if node.name in OPERATORS else self._call(node)
        return node.name

    def _column(self, name: str, bare: str) -> str:
        """Write a column bare where that means the column."""
        plain = name.isidentifier() and not keyword.iskeyword(name) and name not in self.earlier
        return name if plain and bare == COLUMNS else f"column({_literal(name)})"

    def _call(self, node: Call) -> str:
        bare = SETTINGS if is_class(node.name) else COLUMNS
        arguments = [self.text(argument, bare) for argument in node.arguments]
        options = [f"{name}={self.text(option, bare)}" for name, option in node.options]
        return f"{node.name}({', '.join(arguments + options)})"

    def _operator(self, node: Call) -> str:
        """Write an operator, with parentheses only where Python's precedence needs them; all four group to the left."""
        own = _PRECEDENCE[node.name]
        left, right = node.arguments
        return f"{self._operand(left, own - 1)} {node.name} {self._operand(right, own)}"

    def _operand(self, node: Node, floor: int) -> str:
        """Write an operand, in parentheses if it is an operator that binds no tighter than `floor`."""
        text = self.text(node, NAMES)
        loose = isinstance(node, Call) and _PRECEDENCE.get(node.name, floor + 1) <= floor
        return f"({text})" if loose else text


def _literal(value: int | float | str | bool | None) -> str:
    """Return a literal as Python reads it; a text stands in double quotes, with everything unprintable escaped."""
    if not isinstance(value, str):
        return repr(value)
    quoted = json.dumps(value, ensure_ascii=False)
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode("ascii") for each in quoted)
