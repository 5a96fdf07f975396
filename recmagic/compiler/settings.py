"""From the settings of a call in the tree to what a Keras class takes: literals, functions and further classes."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any

import keras

from recmagic.compiler.sayable import NOT_SETTINGS
from recmagic.data.column import Column
from recmagic.errors import SpecError
from recmagic.spec import problem
from recmagic.spec.tree import Call, Function, Group, Literal, Name, Node, Spec

# Kinds of class that may stand in a call: Bidirectional(GRU(8)), Adam(CosineDecay(...)), Dense(8, ...=L2()).
INNER_KINDS = ("layer", "initializer", "regularizer", "constraint", "schedule", "optimizer", "scorer")
# What the words of ours say of their parameters -> in words, and the types.
NEEDED: dict[str, tuple[str, Any]] = {"int": ("a whole number", int), "float": ("a number", (int, float)),
                                      "bool": ("True or False", bool), "Column": ("a column", Column),
                                      "Column | None": ("a column", Column)}
BOLD = re.compile(r"\x1b\[[0-9;]*m")
WHERE = ("Exception encountered when calling", "Arguments received by")
LONGEST = 300  # characters: Keras lists every tensor that it was given
Objects = dict[tuple[str, str], Callable[..., Any]]


def setting(node: Node, spec: Spec, objects: Objects) -> Any:
    """Return the Python value that a setting stands for."""
    if isinstance(node, Literal):
        return node.value
    if isinstance(node, Name):
        statement = spec.statement(node.name)
        assert statement is not None  # the reader has refused unknown names
        return setting(statement.value, spec, objects)
    if isinstance(node, Function):
        return objects["function", node.name]
    if isinstance(node, Group):
        items = [setting(each, spec, objects) for each in node.items]
        return tuple(items) if node.kind == "tuple" else items
    if isinstance(node, Call):
        return instance(node, INNER_KINDS, spec, objects)
    raise SpecError([problem(spec, node, f"A setting is a number, a text or a class, not a column: '{node.name}'.")])


def instance(call: Call, kinds: tuple[str, ...], spec: Spec, objects: Objects, **given: Any) -> Any:
    """Return the class or function of a call, called with its settings; what Keras refuses is shown under the call."""
    if call.name == ">>":
        return keras.Sequential([setting(each, spec, objects) for each in call.arguments])
    made = next((objects[kind, call.name] for kind in kinds if (kind, call.name) in objects), None)
    if made is None:  # the reader knows what stands in a layer's settings; in those of a word, columns and values may
        raise SpecError([problem(spec, call, "A setting is a number, a text or a class, not a value.")])
    arguments, options = _bound(made, [setting(each, spec, objects) for each in call.arguments])
    options |= {name: setting(each, spec, objects) for name, each in call.options}
    try:
        return made(*arguments, **options, **given)
    except SpecError:
        raise
    except Exception as error:  # whatever a class says about its own settings is the user's to mend
        hint = "" if "unexpected keyword argument 'name'" not in str(error) else (
            "Let its __init__ take **options, and hand them on: super().__init__(**options).")
        fact = f"{call.name} refuses these settings: {first_line(error)}"
        raise SpecError([problem(spec, call, fact, hint)]) from error


def _bound(made: Callable[..., Any], values: list[Any]) -> tuple[list[Any], dict[str, Any]]:
    """Return positional values by the names that a cell knows them by: some parameters are not for cells."""
    parameters = [each for each in settings_of(made) if each.kind is not each.VAR_KEYWORD]
    if any(each.kind is each.VAR_POSITIONAL for each in parameters):
        return values, {}
    return [], {parameter.name: value for parameter, value in zip(parameters, values)}


def settings_of(made: Callable[..., Any]) -> list[inspect.Parameter]:
    """Return the parameters of a class or function that a cell may set, in order."""
    if inspect.isclass(made) and made.__init__ is object.__init__:
        return []
    # `Layer.__new__` is found before `__init__`, so `signature(cls)` may answer (*args, **kwargs).
    parameters = list(inspect.signature(made.__init__ if inspect.isclass(made) else made).parameters.values())
    return [each for each in parameters[inspect.isclass(made) :] if each.name not in NOT_SETTINGS]


def lacking(parameter: inspect.Parameter, value: Any) -> str:
    """Return what a word of ours needs for a parameter, in words, where a value is not of its kind; else ""."""
    needed = NEEDED.get(str(parameter.annotation))
    if needed is None or (isinstance(value, needed[1]) and (needed[1] is bool or not isinstance(value, bool))):
        return ""
    return f"{needed[0]} for {parameter.name}"


def first_line(error: Exception) -> str:
    """Return the first line of what an exception says."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def said(error: Exception) -> str:
    """Return the first line that says what went wrong: Keras wraps an error in lines that say where."""
    lines = [BOLD.sub("", line).strip() for line in str(error).splitlines()]
    reasons = [line for line in lines if line and not line.startswith(WHERE) and not line.endswith("encountered:")]
    text = (reasons or [type(error).__name__])[0]
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
