"""From a functional Keras model to the lines that build it: inputs, layers made once, and calls in order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import keras
from keras import ops, tree

from recmagic.compiler.builder import snake
from recmagic.compiler.code.expressions import expression, index, layer_call
from recmagic.errors import ModelError


class Names:
    """The program's variables so far: for layers and tensors, by identity."""

    def __init__(self) -> None:
        self.layers: dict[int, keras.layers.Layer] = {}
        self.of_layer: dict[int, str] = {}
        self.of_tensor: dict[int, str] = {}
        self._used: set[str] = {"keras", "keras_rs", "layers", "ops", "np", "os", "sys", "query", "item", "head"}

    def fresh(self, wanted: str) -> str:
        """Return a name that nothing has yet."""
        name = re.sub(r"\W", "_", wanted)
        name = name if name.isidentifier() else f"x_{name}"
        number, plain = 1, name
        while name in self._used:
            number += 1
            name = f"{plain}_{number}"
        self._used.add(name)
        return name

    def layer(self, layer: keras.layers.Layer) -> tuple[str, bool]:
        """Return the variable of a layer, and whether it is new."""
        new = id(layer) not in self.of_layer
        if new:
            self.layers[id(layer)] = layer
            self.of_layer[id(layer)] = self.fresh(layer.name)
        return self.of_layer[id(layer)], new


def lines(model: Any, names: Names, told: dict[str, str]) -> Iterator[str]:
    """Yield the lines of a functional model; `told` says of an input what it reads."""
    for depth in sorted(model._nodes_by_depth, reverse=True):
        for node in model._nodes_by_depth[depth]:
            yield from _lines_of(node, names, told)


def _lines_of(node: Any, names: Names, told: dict[str, str]) -> Iterator[str]:
    operation, made = node.operation, node.outputs[0]
    if node.is_input:
        names.of_tensor[id(made)] = name = names.fresh(operation.name)
        shape = tuple(made.shape[1:])
        note = f"  # {told[operation.name]}" if operation.name in told else ""
        yield f"{name} = keras.Input({shape!r}, dtype={made.dtype!r}, name={operation.name!r}){note}"
        return
    if isinstance(operation, keras.Model):
        raise ModelError(f"'{operation.name}' is a whole Keras model, which %reccode does not write out again.",
                         "Its program is where it was made; keras_model.save('model.keras') keeps it with its weights.")
    if isinstance(operation, keras.layers.Layer):
        layer, new = names.layer(operation)
        if new:
            yield f"{layer} = {layer_call(operation)}"
        right = f"{layer}({_arguments(node, names)})"
        wanted = f"{layer}_of"
    else:
        right, wanted = _operation(node, names), snake(type(operation).__name__)
    if len(node.outputs) > 1:
        raise ModelError(f"{operation.name} gives several values, which %reccode cannot write.")
    names.of_tensor[id(made)] = name = names.fresh(wanted)
    yield f"{name} = {right}"


def _operation(node: Any, names: Names) -> str:
    """Return the call of `keras.ops` that an operation in the graph stands for."""
    operation = node.operation
    kind = type(operation).__name__
    if kind == "GetItem":
        tensor, key = node.arguments.args
        return f"{_said(tensor, names)}[{index(key)}]"
    if not hasattr(ops, snake(kind)):
        raise ModelError(f"%reccode does not know how to write the operation {kind}.")
    config = getattr(operation, "_auto_config", None)
    options = [f"{name}={expression(value)}" for name, value in (config.config if config else {}).items()
               if value is not None and name != "name"]
    return f"ops.{snake(kind)}({', '.join(filter(None, [_arguments(node, names), *options]))})"


def _arguments(node: Any, names: Names) -> str:
    given = [_said(each, names) for each in node.arguments.args]
    return ", ".join([*given, *(f"{name}={_said(each, names)}" for name, each in node.arguments.kwargs.items()
                                if each is not None and name != "training")])


def _said(value: Any, names: Names) -> str:
    """Return a value with the variables of its tensors, in whatever lists and tuples they stand."""
    if isinstance(value, keras.KerasTensor):
        return names.of_tensor[id(value)]
    if isinstance(value, (list, tuple)) and any(isinstance(each, keras.KerasTensor) for each in tree.flatten(value)):
        inner = ", ".join(_said(each, names) for each in value)
        return f"[{inner}]" if isinstance(value, list) else f"({inner}{',' * (len(value) == 1)})"
    return expression(value)
