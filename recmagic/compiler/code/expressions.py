"""From the settings of layers and operations to the expressions that a program would say them with."""

from __future__ import annotations

import inspect
import re
from typing import Any

import keras

LEFT_OUT = ("dtype", "trainable", "name")  # said elsewhere, or as every layer has it
CUSTOM = "recmagic"  # modules whose classes the program defines itself


def expression(value: Any) -> str:
    """Return an expression for a setting: literals as they are, what Keras has serialised as a call of its class."""
    if isinstance(value, dict) and "class_name" in value and "config" in value:
        return _made(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key!r}: {expression(each)}" for key, each in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        inner = ", ".join(expression(each) for each in value)
        return f"[{inner}]" if isinstance(value, list) else f"({inner}{',' * (len(value) == 1)})"
    return repr(value)


def index(key: Any) -> str:
    """Return what stands between the brackets of x[...]."""
    if isinstance(key, tuple):
        return ", ".join(index(each) for each in key)
    if isinstance(key, slice):
        ends = ("" if each is None else repr(each) for each in (key.start, key.stop))
        return ":".join(ends) + ("" if key.step is None else f":{key.step!r}")
    return "..." if key is Ellipsis else repr(key)


def layer_call(layer: keras.layers.Layer) -> str:
    """Return the call that makes a layer, without the settings that are its class's defaults."""
    if isinstance(layer, keras.Sequential):
        return f"keras.Sequential([{', '.join(layer_call(each) for each in layer.layers)}], name={layer.name!r})"
    settings = _told(type(layer), layer.get_config())
    return f"{_class(type(layer).__module__, type(layer).__name__)}({', '.join([*settings, f'name={layer.name!r}'])})"


def _made(value: dict[str, Any]) -> str:
    if value["class_name"] == "function":
        return repr(value["config"])
    made = keras.saving.get_registered_object(value.get("registered_name"))
    module = made.__module__ if made is not None else str(value.get("module"))
    known = made or _found(module, value["class_name"])
    config = value["config"] if isinstance(value["config"], dict) else {}
    settings = _told(known, config) if known is not None else [
        f"{name}={expression(each)}" for name, each in config.items() if name not in LEFT_OUT]
    return f"{_class(module, value['class_name'])}({', '.join(settings)})"


def _found(module: str, name: str) -> Any:
    place: Any = keras
    for part in module.split(".")[1:]:
        place = getattr(place, part, None)
    return getattr(place, name, None)


def _told(made: Any, config: dict[str, Any]) -> list[str]:
    """Return name=value for each setting of a class that is not its default."""
    defaults = {name: each.default for name, each in inspect.signature(made.__init__).parameters.items()}
    return [f"{name}={expression(value)}" for name, value in config.items()
            if name not in LEFT_OUT and not _default(value, defaults.get(name, inspect.Parameter.empty))]


def _default(value: Any, default: Any) -> bool:
    if default is inspect.Parameter.empty:
        return value is None
    if isinstance(value, dict) and isinstance(default, str):  # "glorot_uniform" is GlorotUniform(seed=None)
        plain = re.sub(r"(?<!^)(?=[A-Z])", "_", str(value.get("class_name"))).lower()
        given = {each for each in (value.get("config") or {}).values() if not isinstance(each, (dict, list))}
        return plain == default and given <= {None}
    if default is None and value == "linear":
        return True
    return bool(value == (list(default) if isinstance(default, tuple) else default) or value == default)


def _class(module: str, name: str) -> str:
    if module.startswith(CUSTOM):
        return name
    if module.startswith("keras_rs"):
        return f"keras_rs.layers.{name}"
    for place in ("layers", "initializers", "regularizers", "constraints"):
        if hasattr(getattr(keras, place), name):
            return f"layers.{name}" if place == "layers" else f"keras.{place}.{name}"
    return name
