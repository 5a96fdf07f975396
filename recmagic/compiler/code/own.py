"""The source of a user's own layer class, and of what else of the notebook it uses."""

from __future__ import annotations

import ast
import builtins
import inspect
import linecache
import sys
from collections.abc import Iterator
from textwrap import dedent
from types import CodeType, FunctionType, ModuleType
from typing import Any

import keras

from recmagic.compiler.keras_names import user_layers
from recmagic.errors import ModelError

_PLAIN = (bool, int, float, str, bytes, type(None))


def take_own(kind: Any, name: str, imports: dict[str, None], texts: dict[str, str]) -> None:
    """Add the source of a class or function, without a decorator of ours, behind that of all that it uses.

    ModelError where a source is not to be found, or where it uses a value that no line of a program can write.
    """
    if name in texts:
        return
    texts[name] = ""  # what uses itself is not taken twice
    functions = [kind] if inspect.isfunction(kind) else [*filter(inspect.isfunction, vars(kind).values())]
    text, node = _source(kind, functions)
    known = vars(sys.modules[kind.__module__])
    for used in dict.fromkeys([*_outside(node), *(each for one in functions for each in _names(one.__code__))]):
        if used in known and not hasattr(builtins, used):
            _take(known[used], used, kind.__name__, imports, texts)
    del texts[name]
    texts[name] = text


def _take(value: Any, name: str, by: str, imports: dict[str, None], texts: dict[str, str]) -> None:
    """Add what makes a name mean a value: an import, a definition, or a line that sets it."""
    if isinstance(value, ModuleType):
        imports[_import(value, name)] = None
    elif _is_constant(value):
        texts[name] = f"{name} = {value!r}"
    elif isinstance(value, (type, FunctionType)):
        if value.__module__ == "__main__" or value in user_layers().values():
            take_own(value, name, imports, texts)
        else:
            module = "keras.layers" if getattr(keras.layers, value.__name__, None) is value else value.__module__
            imports[f"from {module} import {_renamed(value.__name__, name)}"] = None
    else:
        raise ModelError(f"{by} uses '{name}' of the notebook, a {type(value).__name__}, which %reccode cannot write "
                         "out.", f"Give it to {by} as a setting of its __init__, or write it inside the class.")


def _is_constant(value: Any) -> bool:
    if isinstance(value, (tuple, list)):
        return all(map(_is_constant, value))
    return isinstance(value, _PLAIN)


def _names(code: CodeType) -> Iterator[str]:
    """Yield the names outside a function that it and the functions inside it may mean."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)


def _outside(node: ast.ClassDef | ast.FunctionDef) -> Iterator[str]:
    """Yield the names that a definition means where it stands: its parents, its body but for methods, defaults."""
    if isinstance(node, ast.ClassDef):
        methods = [each for each in node.body if isinstance(each, ast.FunctionDef)]
        parts: list[ast.AST] = [*node.bases, *node.keywords, *(each for each in node.body if each not in methods)]
    else:
        methods, parts = [node], []
    for method in methods:
        parts += [*method.args.defaults, *(each for each in method.args.kw_defaults if each), *method.decorator_list]
    if isinstance(node, ast.FunctionDef):
        parts = [each for each in parts if each not in node.decorator_list]
    for part in parts:
        yield from (each.id for each in ast.walk(part) if isinstance(each, ast.Name))


def _import(module: ModuleType, name: str) -> str:
    package, _, last = module.__name__.rpartition(".")
    if package and last == name:
        return f"from {package} import {last}"
    return f"import {_renamed(module.__name__, name)}"


def _renamed(name: str, wanted: str) -> str:
    return name if name == wanted else f"{name} as {wanted}"


def _source(kind: Any, functions: list[FunctionType]) -> tuple[str, ast.ClassDef | ast.FunctionDef]:
    """Return the text of a definition, and its tree."""
    # A class of a notebook has no file to be looked for in; its methods know the cell that they were written in.
    places = [(one.__code__.co_filename, one.__code__.co_firstlineno) for one in functions]
    for file, line in places or [(file, 0) for file in reversed(linecache.cache)]:
        lines = linecache.getlines(file)
        if not any(kind.__name__ in each for each in lines):
            continue
        for node in ast.walk(ast.parse("".join(lines))):
            if (isinstance(node, (ast.ClassDef, ast.FunctionDef)) and node.name == kind.__name__
                    and (not line or _first(node) <= line <= (node.end_lineno or node.lineno))):
                return dedent("".join(lines[node.lineno - 1 : node.end_lineno]).rstrip("\n")), node
    raise ModelError(f"The source of {kind.__name__} is not to be found, so %reccode cannot write it out.",
                     "Put the class into a file that the notebook imports.")


def _first(node: ast.ClassDef | ast.FunctionDef) -> int:
    return min([node.lineno, *(each.lineno for each in node.decorator_list)])
