"""The stored form of a spec: its syntax tree as JSON, with one integer version and six shapes of node."""

from __future__ import annotations

import json
import keyword
import math
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

from recmagic.errors import DataError
from recmagic.spec.source import has_halves
from recmagic.spec.syntax import DEEPEST
from recmagic.spec.tree import OPERATORS, Call, Column, Function, Group, Literal, Name, Node, Spec, Statement
from recmagic.spec.upgrades import UPGRADES, VERSION

_LARGEST = 2**63


def to_json(spec: Spec) -> str:
    """Return a spec as a JSON text: no import path, no code, nothing but names and literals."""
    statements = [{"name": each.name, "value": _encoded(each.value)} for each in spec.statements]
    return json.dumps({"version": VERSION, "statements": statements}, indent=1, ensure_ascii=False)


def from_json(
    text: str,
    version: int = VERSION,
    upgrades: Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]] = UPGRADES,
) -> Spec:
    """Return the spec that a JSON text holds, older versions upgraded step by step.

    Only the shape is checked here: `read(write(spec), vocabulary)` checks the words and gives the nodes places.

    Raises:
        DataError: for a text that is no such document, or one of a newer version (both numbers are told).
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DataError("The stored model is not JSON.", "Is the file whole?") from error
    if not isinstance(document, dict) or type(document.get("version")) is not int or document["version"] < 1:
        raise DataError("The stored model has no version.", "Is it a file of recmagic?")
    if document["version"] > version:
        raise DataError(
            f"The stored model has version {document['version']}; this recmagic reads up to {version}.",
            "Install a newer recmagic.",
        )
    for step in range(document["version"], version):
        document = upgrades[step](document)
    return _spec(document.get("statements"))


def _encoded(node: Node) -> Any:
    if isinstance(node, Literal):
        return node.value
    if isinstance(node, Column):
        return {"column": node.name}
    if isinstance(node, Name):
        return {"name": node.name}
    if isinstance(node, Function):
        return {"function": node.name}
    if isinstance(node, Group):
        return {node.kind: [_encoded(item) for item in node.items]}
    options = {name: _encoded(option) for name, option in node.options}
    return {"call": node.name, "arguments": [_encoded(each) for each in node.arguments], "options": options}


def _spec(statements: Any) -> Spec:
    """Return the spec of a document's list of statements."""
    _need(isinstance(statements, list), "statements", "a list")
    found: dict[str, Statement] = {}
    for index, each in enumerate(statements):
        path = f"statements[{index}]"
        _need(isinstance(each, dict) and set(each) == {"name", "value"}, path, "a name and a value")
        name = _name(each["name"], f"{path}.name")
        _need(name not in found, f"{path}.name", "a name of its own")
        found[name] = Statement(name, _Decoder(found).node(each["value"], f"{path}.value", 0))
    _need("score" in found, "statements", "a list with a score")
    return Spec(tuple(found.values()))


class _Decoder:
    """Decodes the nodes of one statement, which may use the `earlier` ones."""

    def __init__(self, earlier: Mapping[str, Statement]) -> None:
        self.earlier = earlier

    def node(self, value: Any, path: str, depth: int) -> Node:
        """Return the node that a piece of JSON stands for; `path` says where it is in the document."""
        _need(depth < DEEPEST, path, f"nested at most {DEEPEST} deep")
        if not isinstance(value, dict):
            return _literal(value, path)
        shape = next(iter(value), "")
        if shape == "call":
            return self._call(value, path, depth)
        _need(len(value) == 1, path, "a node of one shape")
        inside = value[shape]
        if shape == "column":
            _need(isinstance(inside, str) and inside != "" and not has_halves(inside), path, "a column's name")
            return Column(inside)
        if shape == "name":
            _need(isinstance(inside, str) and inside in self.earlier, path, "the name of an earlier statement")
            return Name(inside)
        if shape == "function":
            return Function(_name(inside, path))
        _need(shape in ("list", "tuple"), path, "a literal, column, name, function, list, tuple or call")
        _need(
            isinstance(inside, list) and len(inside) >= (2 if shape == "tuple" else 1), path, "a group with its items"
        )
        return Group(
            shape, tuple(self.node(each, f"{path}.{shape}[{index}]", depth + 1) for index, each in enumerate(inside))
        )

    def _call(self, value: dict[str, Any], path: str, depth: int) -> Call:
        _need(set(value) == {"call", "arguments", "options"}, path, "a call with its arguments and options")
        name, arguments, options = value["call"], value["arguments"], value["options"]
        _need(isinstance(arguments, list) and isinstance(options, dict), path, "a call with its arguments and options")
        if name in OPERATORS:
            _need(len(arguments) == 2 and not options, path, "an operator with two operands")
        else:
            _need(name != "column", path, 'a column as {"column": name}')
            _name(name, path)
        return Call(
            name,
            tuple(self.node(each, f"{path}.arguments[{index}]", depth + 1) for index, each in enumerate(arguments)),
            tuple(
                (_name(key, path), self.node(each, f"{path}.options.{key}", depth + 1)) for key, each in options.items()
            ),
        )


def _literal(value: Any, path: str) -> Literal:
    fits = isinstance(value, (bool, type(None))) or (
        (isinstance(value, int) and -_LARGEST <= value < _LARGEST)
        or (isinstance(value, float) and math.isfinite(value))
        or (isinstance(value, str) and not has_halves(value))
    )
    _need(fits, path, "a literal, column, name, function, list, tuple or call")
    return Literal(value)


def _name(value: Any, path: str) -> str:
    fits = isinstance(value, str) and value.isidentifier() and not keyword.iskeyword(value)
    _need(fits and unicodedata.normalize("NFKC", value) == value, path, "a name")
    return str(value)


def _need(fits: bool, path: str, what: str) -> None:
    """Refuse a document in which something at `path` is not what it should be."""
    if not fits:
        raise DataError(
            f"The stored model is damaged: {path} should be {what}.", "Save it again, or read the cell's text."
        )
