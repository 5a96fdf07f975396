"""The source of classes that are not Keras's own, so that a program holds all that it needs."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterable
from typing import Any

import keras

from recmagic.compiler.code.own import take_own
from recmagic.compiler.unknown_row import UnknownRow

OURS = "recmagic"


def definitions(layers: Iterable[keras.layers.Layer]) -> tuple[list[str], list[str]]:
    """Return the imports and the definitions that a program needs for some layers; ModelError where one has none."""
    imports: dict[str, None] = {}
    texts: dict[str, str] = {}
    for each in dict.fromkeys(type(layer) for layer in layers if not _of_keras(type(layer))):
        if each.__module__.startswith(f"{OURS}."):
            _take_module(each.__module__, each.__name__, imports, texts)
        else:
            take_own(each, each.__name__, imports, texts)
    if any(isinstance(getattr(layer, "embeddings_initializer", None), UnknownRow) for layer in layers):
        _take_module(UnknownRow.__module__, UnknownRow.__name__, imports, texts)
    return list(imports), list(texts.values())


def _of_keras(kind: type) -> bool:
    return kind.__module__.split(".")[0] in ("keras", "keras_rs")


def _take_module(module: str, name: str, imports: dict[str, None], texts: dict[str, str]) -> None:
    """Take over a definition, and what else of its module and of ours it uses, before it."""
    if name in texts:
        return
    source = inspect.getsource(sys.modules[module])
    body = ast.parse(source).body
    defined = {each: node for node in body for each in _names_of(node)}
    taken = {alias.asname or alias.name: str(node.module) for node in body
             if isinstance(node, ast.ImportFrom) and str(node.module).startswith(OURS) for alias in node.names}
    used = {node.id for node in ast.walk(defined[name]) if isinstance(node, ast.Name)} - {name}
    for other in sorted(used):
        if other in defined:
            _take_module(module, other, imports, texts)
        elif other in taken:
            _take_module(taken[other], other, imports, texts)
    for node in body:
        plain = isinstance(node, (ast.Import, ast.ImportFrom)) and not ast.unparse(node).startswith((
            f"from {OURS}", "from __future__"))
        if plain and used & {(alias.asname or alias.name).split(".")[0] for alias in node.names}:  # type: ignore[attr-defined]
            imports[ast.unparse(node)] = None
    texts[name] = _segment(source, defined[name])


def _names_of(node: ast.stmt) -> list[str]:
    if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
        return [node.name]
    return [each.id for each in node.targets if isinstance(each, ast.Name)] if isinstance(node, ast.Assign) else []


def _segment(source: str, node: Any) -> str:
    first = min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", ()))])
    return "\n".join(source.split("\n")[first - 1 : node.end_lineno])
