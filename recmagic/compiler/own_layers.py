"""A user's own layer classes: marked with `@recmagic.layer`, they are words of the cell language."""

from __future__ import annotations

from typing import TypeVar

import keras

from recmagic.compiler.keras_names import USER_PACKAGE, user_layers
from recmagic.compiler.vocabulary import objects
from recmagic.errors import ModelError

Class = TypeVar("Class", bound=type)


def layer(cls: Class) -> Class:
    """Make a Keras layer class usable in cells by its name; running the cell again replaces it.

    Keras's own registry of custom classes holds it, so saved models find it too. Raises ModelError at anything else.
    """
    if not (isinstance(cls, type) and issubclass(cls, keras.layers.Layer)):
        raise ModelError(f"{getattr(cls, '__name__', cls)} is not a layer class.",
                         "Write class Mine(keras.layers.Layer): ... under @recmagic.layer.")
    if not cls.__name__[:1].isupper():
        raise ModelError(f"In a cell, '{cls.__name__}' would read as a value.", "Start a layer's name with a capital.")
    if any((kind, cls.__name__) in objects() for kind in ("layer", "loss", "optimizer")) and (
            "layer", cls.__name__) not in user_layers():
        raise ModelError(f"'{cls.__name__}' is a word of the language already.", "Give the class another name.")
    keras.saving.register_keras_serializable(package=USER_PACKAGE)(cls)
    return cls
