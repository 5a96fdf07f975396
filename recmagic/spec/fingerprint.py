"""A short hash that two texts share when they declare one model."""

from __future__ import annotations

import hashlib
import json
from typing import Union

from recmagic.spec.arguments import bind
from recmagic.spec.positions import Position, argument_position, find_word, operand_positions, statement_position
from recmagic.spec.tree import OPERATORS, Call, Column, Function, Group, Literal, Name, Node, Spec
from recmagic.spec.vocabulary import Vocabulary, Word

Plain = Union[None, bool, int, float, str, list["Plain"], dict[str, "Plain"]]


def fingerprint(spec: Spec, vocabulary: Vocabulary) -> str:
    """Return 16 hexadecimal digits that depend on what a spec means, not on how it is written.

    Arguments are bound to the names of their parameters, options sorted, and what equals its default dropped, so that
    `Dense(64, relu)`, `Dense(units=64, activation=relu)` and `Dense(64, activation="relu", use_bias=True)` are one.
    Names of statements count: weights are kept under them.
    """
    lines: Plain = [
        [statement.name, _plain(statement.value, statement_position(statement.name), vocabulary)]
        for statement in spec.statements
    ]
    text = json.dumps(lines, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:16]


def _plain(node: Node, position: Position, vocabulary: Vocabulary) -> Plain:
    """Return a node as plain data that is equal for nodes of equal meaning."""
    if isinstance(node, Literal):
        return _number(node.value)
    if isinstance(node, Function):
        return node.name  # Keras takes a function and its name for the same
    if isinstance(node, Column):
        return {"column": node.name}
    if isinstance(node, Name):
        return {"name": node.name}
    if isinstance(node, Group):
        return {node.kind: [_plain(item, position, vocabulary) for item in node.items]}
    if node.name in OPERATORS:
        pairs = zip(node.arguments, operand_positions(node.name))
        return {"call": node.name, "arguments": [_plain(operand, each, vocabulary) for operand, each in pairs]}
    return _call(node, find_word(vocabulary, node.name, position), vocabulary)


def _call(node: Call, word: Word | None, vocabulary: Vocabulary) -> Plain:
    """Return a call with its arguments by parameter; what the vocabulary does not know keeps its order."""
    bound = bind(word or Word(node.name, ""), node)
    options: dict[str, Plain] = {}
    for name, value in bound.items():
        position = argument_position(node.name, name)
        if isinstance(value, tuple):
            options[name] = [_plain(each, position, vocabulary) for each in value]
        else:
            options[name] = _plain(value, position, vocabulary)
    for parameter in word.parameters if word else ():
        if not parameter.required and parameter.name in options and _same(options[parameter.name], parameter.default):
            del options[parameter.name]
    rest = [] if word else [_plain(each, argument_position(node.name), vocabulary) for each in node.arguments]
    return {"call": node.name, "arguments": rest, "options": options}


def _number(value: int | float | str | bool | None) -> Plain:
    """Return a literal, a whole number always as an integer: `l2=0.0` is `l2=0`."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _same(given: Plain, default: object) -> bool:
    """Whether a given argument says what the default says already; True is not 1 here."""
    if isinstance(default, (list, tuple)):
        kind = "list" if isinstance(default, list) else "tuple"
        items = given.get(kind) if isinstance(given, dict) and list(given) == [kind] else None
        return isinstance(items, list) and len(items) == len(default) and all(map(_same, items, default))
    if isinstance(default, (int, float, str, type(None))):
        plain = _number(default)
        return type(given) is type(plain) and given == plain
    return False
