"""The score of a Keras model as a logit: a sigmoid that ends the model is left out, without changing the model."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from recmagic.compiler.named_inputs import structure_of

NARROWEST = 1e-7  # the distance from 0 and 1 that Keras keeps from a probability


class WithoutActivation(keras.layers.Layer):
    """A layer of the user's without its activation."""

    def __init__(self, layer: Any, **settings: Any) -> None:
        super().__init__(**settings)
        self.layer = layer

    def call(self, *given: Any) -> Any:
        activation = self.layer.activation
        self.layer.activation = keras.activations.linear
        try:
            return self.layer(*given)
        finally:
            self.layer.activation = activation


def without_sigmoid(model: Any) -> Any:
    """Return a model like this one that stops before the sigmoid that ends it, None where no sigmoid is seen there."""
    logit = _before(model.outputs[0])
    return None if logit is None else keras.Model(structure_of(model), logit)


def logit_of(probability: Any) -> Any:
    """Return the logit of a probability (rows, 1)."""
    inside = ops.clip(probability, NARROWEST, 1 - NARROWEST)
    return ops.subtract(ops.log(inside), ops.log(ops.subtract(1.0, inside)))


def _before(tensor: Any) -> Any:
    """Return what the sigmoid that gave a tensor was given, None where it was none."""
    history = tensor._keras_history
    made_by, call = history.operation, history.operation._inbound_nodes[history.node_index].arguments
    if isinstance(made_by, keras.Model):
        inner = without_sigmoid(made_by) if getattr(made_by, "outputs", None) else None
        return None if inner is None else inner(*call.args, **call.kwargs)
    if type(made_by).__name__ == "Sigmoid":
        return call.args[0]
    if getattr(made_by, "activation", None) is not keras.activations.sigmoid:
        return None
    if isinstance(made_by, keras.layers.Activation):
        return call.args[0]
    return WithoutActivation(made_by)(*call.args) if isinstance(made_by, keras.layers.Dense) else None
