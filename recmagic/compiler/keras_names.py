"""The classes and functions of Keras and Keras-RS that a cell may name, by kind."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from types import ModuleType
from typing import Any

import keras
import keras_rs

USER_PACKAGE = "notebook"  # where `@recmagic.layer` registers a user's own classes in Keras's registry

REFUSED = {
    "Lambda": "Lambda would run code from a text. Put the function in a layer class marked @recmagic.layer.",
    "TFSMLayer": "TFSMLayer runs a program from a file. Use a Keras layer, or a class marked @recmagic.layer.",
    "TorchModuleWrapper": "TorchModuleWrapper works on one backend only. Write a Keras layer marked @recmagic.layer.",
    "JaxLayer": "JaxLayer works on one backend only. Write a Keras layer marked @recmagic.layer.",
    "FlaxLayer": "FlaxLayer works on one backend only. Write a Keras layer marked @recmagic.layer.",
    "InputLayer": "Inputs are columns here: name a column, as in embedding(user_id, 32).",
    "RemoveAccidentalHits": "Accidental hits are always hidden here: write negatives = in_batch().",
    "BruteForceRetrieval": "Ranking the whole catalogue is what %recommend does.",
    "StringLookup": "Columns are encoded for you: write embedding(column, width).",
    "IntegerLookup": "Columns are encoded for you: write embedding(column, width).",
    "Hashing": "Columns are encoded for you: write embedding(column, width).",
    "TextVectorization": "Write words(column) or tokens(column, length).",
    "Discretization": "Write buckets(column, count).",
}
# Regression losses keep Keras's classes; the ranking losses of the language are our own, in losses/.
REGRESSION = ("MeanSquaredError", "MeanAbsoluteError", "Huber", "LogCosh")
ABSTRACT = {"Layer", "Wrapper", "Loss", "Optimizer", "LearningRateSchedule", "Initializer", "Regularizer",
            "Constraint", "OptimizerMap", "MultiOptimizer", "LossScaleOptimizer"}
NOT_ACTIVATIONS = {"get", "serialize", "deserialize"}


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
