"""JAX: a chunk of steps is one compiled loop whose state is donated, and ranking runs on the device."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import keras
import numpy as np
from numpy.typing import NDArray

from recmagic.backends.protocol import Arrays, Selection

name = "jax"


def device() -> str:
    """Say which device computes, in words."""
    first = jax.devices()[0]
    kind = "" if first.platform == "cpu" else f" ({first.device_kind})"
    return f"{first.platform.upper()}{kind}, JAX {jax.__version__}"


def accelerated() -> bool:
    """Return whether the device is faster than the host at more than arithmetic."""
    return jax.devices()[0].platform != "cpu"


def place(arrays: Arrays) -> Arrays:
    """Put arrays on the device."""
    return {key: jnp.asarray(array) for key, array in arrays.items()}


class Runner:
    """A training in progress. The state is donated to each chunk, so the Keras variables hold copies of their own."""

    def __init__(self, objective: Callable[[Arrays, Arrays], Any], layer: Any, optimizer: Any, data: Arrays) -> None:
        optimizer.build(layer.trainable_variables)
        self.variables = (layer.trainable_variables, layer.non_trainable_variables, optimizer.variables)
        self.state = tuple([jnp.array(variable.value) for variable in group] for group in self.variables)
        self.data, self.optimizer, self.compile_seconds = data, optimizer, 0.0
        self._loop = jax.jit(partial(_loop, objective, layer, optimizer), donate_argnums=0)
        self._compiled: dict[Any, Any] = {}

    def place(self, batches: Arrays) -> Arrays:
        """Put a block of batches (M, ...) on the device."""
        return place(batches)

    def run(self, batches: Arrays, start: int, stop: int) -> Any:
        """Run some steps of a placed block; return losses (M,), set for these steps, perhaps not computed yet."""
        shapes = tuple(sorted((key, array.shape) for key, array in batches.items()))
        if shapes not in self._compiled:
            began = time.perf_counter()
            self._compiled[shapes] = self._loop.lower(self.state, self.data, batches, start, stop).compile()
            self.compile_seconds += time.perf_counter() - began
        given, self.state = self.state, ()  # given away: an interrupt in here leaves no state
        self.state, losses = self._compiled[shapes](given, self.data, batches, start, stop)
        return losses

    def publish(self) -> bool:
        """Write the state into the Keras variables, where it is safe from the next steps; False if there is none."""
        for group, values in zip(self.variables, self.state):
            for variable, value in zip(group, values):
                variable.assign(jnp.array(value, copy=True))
        if self.state:  # an optimizer that averages the weights publishes the averages
            self.optimizer.finalize_variable_values(self.variables[0])
        return bool(self.state)


def _loop(objective: Any, layer: Any, optimizer: Any, state: Any, data: Arrays, batches: Arrays, start: int,
          stop: int) -> Any:
    """Run steps one after the other; their number is a value, not a shape, so that one program serves any number."""

    def loss(trainable: list[Any], rest: list[Any], batch: Arrays) -> tuple[Any, list[Any]]:
        mapping = [*zip(layer.trainable_variables, trainable), *zip(layer.non_trainable_variables, rest)]
        with keras.StatelessScope(state_mapping=mapping, collect_losses=True) as scope:
            value = objective(data, batch) + sum(layer.losses)
        return value, [_current(scope, variable, old) for variable, old in zip(layer.non_trainable_variables, rest)]

    gradient = jax.value_and_grad(loss, has_aux=True)

    def step(number: Any, carry: Any) -> Any:
        (trainable, rest, inner), losses = carry
        (value, rest), gradients = gradient(trainable, rest, {key: each[number] for key, each in batches.items()})
        trainable, inner = optimizer.stateless_apply(inner, gradients, trainable)
        return (trainable, rest, inner), losses.at[number].set(value)

    length = next(iter(batches.values())).shape[0]
    return jax.lax.fori_loop(start, stop, step, (tuple(state), jnp.zeros(length, jnp.float32)))


def _current(scope: keras.StatelessScope, variable: Any, old: Any) -> Any:
    value = scope.get_current_value(variable)
    return old if value is None else value


def start(objective: Callable[[Arrays, Arrays], Any], layer: Any, optimizer: Any, data: Arrays) -> Runner:
    """Begin to train a layer's variables with `objective(data, batch) -> loss`."""
    return Runner(objective, layer, optimizer, data)


def compiled(function: Callable[..., Any], layer: Any) -> Callable[..., Any]:
    """Return a function that reads a layer's variables, compiled for the shapes it is called with."""
    @jax.jit
    def run(values: list[Any], *arguments: Any) -> Any:
        with keras.StatelessScope(state_mapping=list(zip(layer.variables, values))):
            return function(*arguments)

    return lambda *arguments: run([variable.value for variable in layer.variables], *arguments)


def select(scores: Any, hidden: NDArray[np.bool_], relevant: NDArray[np.int32], k: int) -> Selection:
    """Return the best k of scores (U, N) that are not hidden (U, N); `relevant` (U, T) is padded with -1."""
    found = _select(jnp.asarray(scores), hidden, relevant, k)
    return Selection(*(np.asarray(each) for each in found))


@partial(jax.jit, static_argnums=3)
def _select(scores: Any, hidden: Any, relevant: Any, k: int) -> Any:
    shown = jnp.where(hidden, -jnp.inf, jnp.where(scores == 0, 0.0, scores))  # top_k would put 0.0 before -0.0
    values, items = jax.lax.top_k(shown, k)
    asked = jnp.take_along_axis(shown, jnp.maximum(relevant, 0), axis=1)
    ties = jnp.sum(shown == values[:, -1:], axis=1)
    return items.astype(jnp.int32), values, jnp.where(relevant < 0, jnp.nan, asked), ties
