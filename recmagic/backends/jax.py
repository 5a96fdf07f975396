"""JAX: a chunk of steps is one compiled loop whose state is given away to it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import keras
import numpy as np

from recmagic.backends.memory import host_memory
from recmagic.backends.protocol import Arrays, Device, Objective
from recmagic.backends.pure import pure
from recmagic.backends.renew import renew
from recmagic.backends.select import select

__all__ = ["Runner", "accelerated", "compiled", "device", "name", "place", "runner", "select"]
name = "jax"


def device() -> Device:
    """Describe the device that computes."""
    first = jax.devices()[0]
    if first.platform == "cpu":
        return Device(f"CPU, JAX {jax.__version__}", host_memory())
    memory = (first.memory_stats() or {}).get("bytes_limit")
    return Device(f"{first.platform.upper()} ({first.device_kind}), JAX {jax.__version__}", memory)


def accelerated() -> bool:
    """Return whether the device is faster than the host at more than arithmetic."""
    return jax.devices()[0].platform != "cpu"


def place(arrays: Arrays) -> Arrays:
    """Put arrays on the device."""
    return {key: jnp.asarray(array) for key, array in arrays.items()}


class Runner:
    """The steps of one model. The state is donated to each chunk, so the Keras variables hold copies of their own."""

    def __init__(self, objective: Objective, layer: Any, make_optimizer: Callable[[], Any]) -> None:
        self.make_optimizer, self.optimizer = make_optimizer, make_optimizer()
        self.optimizer.build(layer.trainable_variables)
        self.groups = (layer.trainable_variables, layer.non_trainable_variables, self.optimizer.variables)
        self.compile_seconds = 0.0
        self._loop = jax.jit(partial(_loop, pure(objective, layer, self.optimizer), self.optimizer), donate_argnums=0)
        self._compiled: dict[Any, Any] = {}
        self.begun = False
        self.data: Arrays = {}
        self._state: tuple[list[Any], ...] | None = None
        self._published: list[list[Any]] = []

    def begin(self, data: Arrays) -> None:
        """Start a training over data on the host, from the variables as they stand and a fresh optimizer."""
        if self.begun:
            renew(self.optimizer, self.make_optimizer, self.groups[0])
        self.begun, self.data = True, place(data)
        self._state = tuple([jnp.array(variable.value) for variable in group] for group in self.groups)
        self._note()

    def place(self, batches: Arrays) -> Arrays:
        """Put a block of batches (M, ...) on the device."""
        return place(batches)

    def run(self, batches: Arrays, start: int, stop: int) -> Any:
        """Run some steps of a placed block; return losses (M,), set for these steps, perhaps not computed yet."""
        self._take_in()
        shapes = tuple(sorted((key, array.shape) for key, array in batches.items()))
        if shapes not in self._compiled:
            began = time.perf_counter()
            self._compiled[shapes] = self._loop.lower(self._state, self.data, batches, start, stop).compile()
            self.compile_seconds += time.perf_counter() - began
        given, self._state = self._state, None  # given away: an interrupt in here leaves no state
        self._state, losses = self._compiled[shapes](given, self.data, batches, start, stop)
        return losses

    def publish(self) -> bool:
        """Write the state into the Keras variables, where it is safe from the next steps; False if there is none."""
        if self._state is None:
            return False
        for group, values in zip(self.groups, self._state):
            for variable, value in zip(group, values):
                variable.assign(jnp.array(value, copy=True))
        self.optimizer.finalize_variable_values(self.groups[0])
        self._note()
        return True

    def _note(self) -> None:
        """Remember what the variables hold, to see what is assigned to them by others."""
        self._published = [[variable.value for variable in group] for group in self.groups]

    def _take_in(self) -> None:
        for group, noted, state in zip(self.groups, self._published, self._state or ()):
            for place, variable in enumerate(group):
                if variable.value is not noted[place]:
                    noted[place], state[place] = variable.value, jnp.array(variable.value, copy=True)

    def state(self) -> list[Any]:
        """Return copies on the host of everything that the next step depends on, [] if there is nothing."""
        return [np.array(value) for values in self._state or () for value in values]

    def restore(self, state: list[Any]) -> None:
        """Go on from what `state` returned."""
        values = iter(state)
        self._state = tuple([jnp.array(next(values)) for _ in group] for group in self.groups)

    def end(self) -> None:
        """Let go of the state and the data; what is compiled stays."""
        self._state, self._published, self.data = None, [], {}


def _loop(loss: Any, optimizer: Any, state: Any, data: Arrays, batches: Arrays, start: int, stop: int) -> Any:
    """Run steps one after the other; their number is a value, not a shape, so that one program serves any number."""
    gradient = jax.value_and_grad(loss, has_aux=True)

    def step(number: Any, carry: Any) -> Any:
        (trainable, rest, inner), losses = carry
        batch = {key: each[number] for key, each in batches.items()}
        (_, (value, rest)), gradients = gradient(trainable, rest, inner, data, batch)
        trainable, inner = optimizer.stateless_apply(inner, gradients, trainable)
        return (trainable, rest, inner), losses.at[number].set(value)

    length = next(iter(batches.values())).shape[0]
    return jax.lax.fori_loop(start, stop, step, (tuple(state), jnp.zeros(length, jnp.float32)))


def runner(objective: Objective, layer: Any, make_optimizer: Callable[[], Any]) -> Runner:
    """Make ready to train a layer's variables with `objective(data, batch) -> loss`."""
    return Runner(objective, layer, make_optimizer)


def compiled(function: Callable[..., Any], variables: Sequence[Any]) -> Callable[..., Any]:
    """Return a function that reads some variables, compiled for the shapes it is called with."""
    @jax.jit
    def run(values: list[Any], *arguments: Any) -> Any:
        with keras.StatelessScope(state_mapping=list(zip(variables, values))):
            return function(*arguments)

    return lambda *arguments: run([variable.value for variable in variables], *arguments)
