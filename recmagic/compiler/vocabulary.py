"""The vocabulary of the cell language: our words from the folders, the classes from Keras, all as plain data."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from recmagic.compiler.keras_names import keras_objects, user_layers
from recmagic.compiler.sayable import FILLED_FIRST, FOLDERS, REFUSED
from recmagic.compiler.settings import Objects, settings_of
from recmagic.spec.vocabulary import Parameter, Vocabulary, Word


@cache
def folder_objects(package: str, kind: str) -> Objects:
    """Return (kind, name) -> the public class or function of every module in one of the language's folders."""
    found: Objects = {}
    for path in sorted(Path(str(import_module(package).__file__)).parent.glob("[!_]*.py")):
        module = import_module(f"{package}.{path.stem}")
        for name, each in vars(module).items():
            mine = callable(each) and getattr(each, "__module__", "") == module.__name__
            if mine and name.replace("_", "").lower() == path.stem.replace("_", ""):
                found[kind, name] = each
    return found


@cache
def _fixed_objects() -> Objects:
    found = dict(keras_objects())
    for package, kind in FOLDERS:
        found.update(folder_objects(package, kind))
    return found


def objects() -> Objects:
    """Return (kind, name) -> what the name stands for; ours win over Keras's, and the user's layers over both."""
    return {**_fixed_objects(), **user_layers()}


def vocabulary(*higher: tuple[str, str]) -> Vocabulary:
    """Return all that a cell may say; `higher` names folders of floors above this one, such as the metrics."""
    everything = dict(objects())
    for package, kind in higher:
        everything.update(folder_objects(package, kind))
    return Vocabulary(tuple(word(kind, name, each) for (kind, name), each in everything.items()), dict(REFUSED))


@cache
def word(kind: str, name: str, each: Callable[..., Any]) -> Word:
    """Return what the language knows of a class or function."""
    doc = (inspect.getdoc(each) or "").split("\n\n")[0].replace("\n", " ")
    if kind == "function":
        return Word(name, kind, (), doc)
    parameters = settings_of(each)[kind in FILLED_FIRST :]
    known = [_parameter(each) for each in parameters if each.kind is not each.VAR_KEYWORD]
    if kind == "layer" and len(known) < len(parameters):
        known += [Parameter("trainable", default=True), Parameter("dtype")]
    return Word(name, kind, tuple(known), doc)


def _parameter(parameter: inspect.Parameter) -> Parameter:
    many = parameter.kind is parameter.VAR_POSITIONAL
    required = parameter.default is parameter.empty and not many
    default = None if parameter.default is parameter.empty else parameter.default
    return Parameter(parameter.name, required, _plain(default), many)


def _plain(default: object) -> object:
    """Return a default as JSON can say it: a class instance by its name, a tuple as a list."""
    if default is None or isinstance(default, (bool, int, float, str)):
        return default
    return [_plain(each) for each in default] if isinstance(default, (tuple, list)) else type(default).__name__
