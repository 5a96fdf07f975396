"""The classes and functions of Keras and Keras-RS that a cell may name, by kind."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from types import ModuleType
from typing import Any

import keras
import keras_rs

from recmagic.compiler.sayable import ABSTRACT, NOT_ACTIVATIONS, REFUSED, REGRESSION

USER_PACKAGE = "notebook"  # where `@recmagic.layer` registers a user's own classes in Keras's registry


def keras_objects() -> dict[tuple[str, str], Callable[..., Any]]:
    """Return (kind, name) -> class or function, for everything of Keras that a cell may name."""
    found: dict[tuple[str, str], Callable[..., Any]] = {}
    for kind, module, parent in (
        ("layer", keras.layers, keras.layers.Layer),
        ("layer", keras_rs.layers, keras.layers.Layer),
        ("optimizer", keras.optimizers, keras.optimizers.Optimizer),
        ("schedule", keras.optimizers.schedules, keras.optimizers.schedules.LearningRateSchedule),
        ("initializer", keras.initializers, keras.initializers.Initializer),
        ("regularizer", keras.regularizers, keras.regularizers.Regularizer),
        ("constraint", keras.constraints, keras.constraints.Constraint),
    ):
        found.update({(kind, name): each for name, each in _classes(module, parent)})
    found.update({("loss", name): getattr(keras.losses, name) for name in REGRESSION})
    for name, function in inspect.getmembers(keras.activations, callable):
        if name.islower() and name not in NOT_ACTIVATIONS:
            found["function", name] = function
    found.update(user_layers())
    return found


def user_layers() -> dict[tuple[str, str], Callable[..., Any]]:
    """Return the layer classes that the user has marked with `@recmagic.layer`."""
    prefix = USER_PACKAGE + ">"
    return {
        ("layer", key.removeprefix(prefix)): each
        for key, each in keras.saving.get_custom_objects().items()
        if key.startswith(prefix)
    }


def _classes(module: ModuleType, parent: type) -> list[tuple[str, type]]:
    return [
        (name, each)
        for name, each in inspect.getmembers(module, inspect.isclass)
        if issubclass(each, parent) and name not in ABSTRACT and name not in REFUSED
    ]
