"""Reads classes and functions from their source text: their names, parameters and documentation, nothing imported.

Importing Keras takes seconds and settles its backend, which is not for a press of the Tab key to do.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from recmagic.spec.vocabulary import Parameter


@dataclass(frozen=True)
class Home:
    """Where something is defined: its module, and its name there."""

    module: str
    name: str


@dataclass(frozen=True)
class Definition:
    """What a source text says of a class or function; `open` says whether it takes further options by name."""

    parameters: tuple[Parameter, ...]
    open: bool
    doc: str


def file_of(module: str) -> Path | None:
    """Return the source file of a module, without importing it or what it lies in; None where there is none."""
    top, *rest = module.split(".")
    found = find_spec(top)
    for folder in (found.submodule_search_locations or () if found else ()):
        place = Path(folder, *rest)
        for file in (place / "__init__.py", place.with_suffix(".py")):
            if file.is_file():
                return file
    return None


@cache
def exported(module: str) -> dict[str, Home]:
    """Return what a module takes from others for its users: name -> home. Keras's public modules consist of these."""
    return {alias.asname or alias.name: Home(str(node.module), alias.name)
            for node in _tree(module).body if isinstance(node, ast.ImportFrom) for alias in node.names}


@cache
def is_subclass(home: Home) -> bool:
    """Whether something is a class with a parent; told by the text alone, for a hundred of them are asked about."""
    return re.search(rf"^class {home.name}\(", _text(home.module), re.MULTILINE) is not None


@cache
def definition(home: Home) -> Definition | None:
    """Return what the text says of a class or function, None where it is not found."""
    node = _named(home)
    if isinstance(node, ast.FunctionDef):
        return Definition(*_parameters(node.args, 0), ast.get_docstring(node) or "")
    if not isinstance(node, ast.ClassDef):
        return None
    for made in node.body:
        if isinstance(made, ast.FunctionDef) and made.name == "__init__":
            return Definition(*_parameters(made.args, 1), ast.get_docstring(node) or "")
    inherited = next((found for parent in _parents(home, node) if (found := definition(parent))), None)
    parameters, more = (inherited.parameters, inherited.open) if inherited else ((), False)
    return Definition(parameters, more, ast.get_docstring(node) or (inherited.doc if inherited else ""))


def _named(home: Home) -> ast.stmt | None:
    return next((node for node in _tree(home.module).body
                 if isinstance(node, (ast.ClassDef, ast.FunctionDef)) and node.name == home.name), None)


def _parents(home: Home, node: ast.ClassDef) -> Iterator[Home]:
    """Yield where the parents of a class are defined, as far as its module names them."""
    taken = exported(home.module)
    for base in node.bases:
        if isinstance(base, ast.Name):
            yield taken.get(base.id, Home(home.module, base.id))


def _parameters(arguments: ast.arguments, first: int) -> tuple[tuple[Parameter, ...], bool]:
    """Return the parameters from the one at `first` on, and whether any other name is taken."""
    plain = [*arguments.posonlyargs, *arguments.args]
    required = len(plain) - len(arguments.defaults)
    defaults = [None] * required + [_value(each) for each in arguments.defaults]
    found = [Parameter(each.arg, at < required, defaults[at]) for at, each in enumerate(plain)][first:]
    if arguments.vararg:
        found.append(Parameter(arguments.vararg.arg, many=True))
    found += [Parameter(each.arg, default is None, None if default is None else _value(default))
              for each, default in zip(arguments.kwonlyargs, arguments.kw_defaults)]
    return tuple(found), arguments.kwarg is not None


def _value(node: ast.expr) -> Any:
    try:
        value = ast.literal_eval(node)
    except ValueError:
        return ast.unparse(node)
    return list(value) if isinstance(value, tuple) else value


@cache
def _tree(module: str) -> ast.Module:
    try:
        return ast.parse(_text(module))
    except SyntaxError:
        return ast.Module([], [])


@cache
def _text(module: str) -> str:
    file = file_of(module)
    return "" if file is None else file.read_text(encoding="utf-8", errors="replace")
