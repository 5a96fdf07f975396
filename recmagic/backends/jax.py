"""JAX: a chunk of steps is one compiled loop whose state is given away to it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from itertools import chain
from typing import Any

import jax
import jax.numpy as jnp
import keras
import numpy as np

from recmagic.backends import jax_tables
from recmagic.backends.clipping import Clipped
from recmagic.backends.jax_slices import slopes_in_slices
from recmagic.backends.memory import host_memory
from recmagic.backends.plain_adam import is_plain_adam
from recmagic.backends.protocol import Arrays, Clipping, Device, Objective, Slices, shapes
from recmagic.backends.pure import pure, pure_sums
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


State = tuple[list[Any], list[Any], list[Any], list[jax_tables.Table]]


class Runner:
    """The steps of one model. The state is donated to each chunk, so the Keras variables hold copies of their own."""

    def __init__(self, objective: Objective, layer: Any, make_optimizer: Callable[[], Any],
                 tables: Sequence[Any], sliced: Slices | None, clipping: Clipping | None) -> None:
        self.make_optimizer, self.optimizer, self.compile_seconds = make_optimizer, make_optimizer(), 0.0
        plain = is_plain_adam(self.optimizer, [table.embeddings for table in tables])
        self.tables = list(tables) if plain else []
        self.row_wise = tuple(table.name for table in self.tables)
        apart = {id(table.embeddings) for table in self.tables}
        self.trained = [variable for variable in layer.trainable_variables if id(variable) not in apart]
        self.optimizer.build(self.trained)
        self.groups = (self.trained, layer.non_trainable_variables, self.optimizer.variables,
                       [table.embeddings for table in self.tables])
        loss = pure(objective, layer, self.optimizer, self.trained)
        slopes: Any = None
        if clipping is not None:
            sums = pure_sums(clipping.sums, layer, self.optimizer, self.trained)
            slopes = Clipped(clipping, sums, self.trained, layer.non_trainable_variables, _each, _normal, True)
        elif sliced is not None and not self.tables and not accelerated():
            slopes = partial(slopes_in_slices, pure_sums(sliced.sums, layer, self.optimizer, self.trained),
                             sliced.at_once)
        self._loop = jax.jit(partial(_loop, loss, slopes, self.optimizer, self.tables), donate_argnums=0)
        self._compiled: dict[Any, Any] = {}
        self.begun = False
        self.data: Arrays = {}
        self._state: State | None = None
        self._published: list[list[Any]] = []

    def begin(self, data: Arrays) -> None:
        """Start a training over data on the host, from the variables as they stand and a fresh optimizer."""
        if self.begun:
            renew(self.optimizer, self.make_optimizer, self.trained)
        self.begun, self.data = True, place(data)
        trained, rest, inner = ([jnp.array(variable.value) for variable in group] for group in self.groups[:3])
        self._state = trained, rest, inner, [jax_tables.begun(table) for table in self.tables]
        self._note()

    def exchange(self, data: Arrays) -> None:
        """Put other arrays, of the same shapes, in the place of some of the data's."""
        self.data = self.data | place(data)

    def place(self, batches: Arrays) -> Arrays:
        """Put a block of batches (M, ...) on the device."""
        return place(batches)

    def run(self, batches: Arrays, start: int, stop: int) -> Any:
        """Run some steps of a placed block; return losses (M,), set for these steps, perhaps not computed yet."""
        self._take_in()
        given = shapes(self.data, batches)
        if given not in self._compiled:
            began = time.perf_counter()
            self._compiled[given] = self._loop.lower(self._state, self.data, batches, start, stop).compile()
            self.compile_seconds += time.perf_counter() - began
        state, self._state = self._state, None  # given away: an interrupt in here leaves no state
        self._state, losses = self._compiled[given](state, self.data, batches, start, stop)
        return losses

    def publish(self, averaged: bool = True) -> bool:
        """Write the state into the Keras variables, where it is safe from the next steps; False if there is none."""
        if self._state is None:
            return False
        self._take_in()
        values = *self._state[:3], [jax_tables.vectors(table.rows) for table in self._state[3]]
        for variable, value in zip(chain(*self.groups), chain(*values)):
            variable.assign(jnp.array(value, copy=True))
        if averaged:
            self.optimizer.finalize_variable_values(self.trained)
        self._note()
        return True

    def _note(self) -> None:
        """Remember what the variables hold, to see what is assigned to them by others."""
        self._published = [[variable.value for variable in group] for group in self.groups]

    def _take_in(self) -> None:
        for group, noted, state in zip(self.groups, self._published, self._state or ()):
            for at, variable in enumerate(group):
                if variable.value is not noted[at]:
                    noted[at], new = variable.value, jnp.array(variable.value, copy=True)
                    state[at] = state[at].with_vectors(new) if group is self.groups[3] else new

    def state(self) -> list[Any]:
        """Return copies on the host of everything that the next step depends on, [] if there is nothing."""
        self._take_in()
        return [np.array(value) for value in jax.tree.leaves(self._state)]

    def restore(self, state: list[Any]) -> None:
        """Go on from what `state` returned."""
        self._state = jax.tree.unflatten(jax.tree.structure(self._state), [jnp.array(value) for value in state])

    def end(self) -> None:
        """Let go of the state and the data; what is compiled stays."""
        self._state, self._published, self.data = None, [], {}


def _loop(loss: Any, slopes_of: Any, optimizer: Any, layers: Sequence[Any], state: State, data: Arrays,
          batches: Arrays, start: int, stop: int) -> Any:
    """Run steps one after the other; their number is a value, not a shape, so that one program serves any number."""

    def step(number: Any, carry: Any) -> Any:
        (trainable, rest, inner, tables), losses = carry
        batch = {key: each[number] for key, each in batches.items()}
        if slopes_of is not None:
            value, rest, slopes = slopes_of(trainable, rest, inner, data, batch)
            trainable, inner = _applied(optimizer, inner, slopes, trainable)
            return (trainable, rest, inner, tables), losses.at[number].set(value)
        uses = jax_tables.looked_up(layers, lambda: loss(trainable, rest, inner, data, batch))
        rows = jax_tables.read(tables, uses)

        def of(trainable: Any, vectors: Any) -> Any:
            with jax_tables.given(layers, uses, vectors):
                return loss(trainable, rest, inner, data, batch)

        gradient = jax.value_and_grad(of, argnums=(0, 1), has_aux=True)
        (_, (value, rest)), (slopes, of_rows) = gradient(trainable, [jax_tables.vectors(each) for each in rows])
        if layers:
            tables = jax_tables.stepped(tables, uses, rows, of_rows, optimizer, *_rate_and_count(optimizer, inner))
        trainable, inner = _applied(optimizer, inner, slopes, trainable)
        return (trainable, rest, inner, tables), losses.at[number].set(value)

    length = next(iter(batches.values())).shape[0]
    return jax.lax.fori_loop(start, stop, step, (state, jnp.zeros(length, jnp.float32)))


def _each(of: Any, values: list[Any], units: Arrays) -> tuple[Any, Any]:
    """Differentiate `of(values, unit)` by the values, for several units at once."""
    (_, rest), slopes = jax.vmap(jax.value_and_grad(of, has_aux=True), in_axes=(None, 0))(values, units)
    return rest, slopes


def _normal(seed: Any, shapes: list[Any]) -> list[Any]:
    """Return normal numbers of some shapes, drawn from a seed (2,)."""
    key = jax.random.wrap_key_data(seed.astype(jnp.uint32), impl="threefry2x32")
    return [jax.random.normal(jax.random.fold_in(key, number), shape) for number, shape in enumerate(shapes)]


def _rate_and_count(optimizer: Any, inner: list[Any]) -> tuple[Any, Any]:
    """Return the learning rate of the next step and its number, from 1."""
    with keras.StatelessScope(state_mapping=list(zip(optimizer.variables, inner))):
        return jnp.asarray(optimizer.learning_rate), optimizer.iterations.value + 1


def _applied(optimizer: Any, inner: list[Any], gradients: list[Any], trainable: list[Any]) -> tuple[Any, Any]:
    if trainable:
        return optimizer.stateless_apply(inner, gradients, trainable)
    return trainable, [value + 1 if variable is optimizer.iterations else value  # all there is are tables
                       for variable, value in zip(optimizer.variables, inner)]


def runner(objective: Objective, layer: Any, make_optimizer: Callable[[], Any], tables: Sequence[Any] = (),
           sliced: Slices | None = None, clipping: Clipping | None = None) -> Runner:
    """Make ready to train a layer's variables with `objective(data, batch) -> loss`.

    Where the optimizer is plain Adam, only rows looked up change of `tables`. Without such tables, a CPU computes a
    batch in slices, if they are given. With `clipping` all rows change, since all get noise.
    """
    return Runner(objective, layer, make_optimizer, () if clipping else tables, sliced, clipping)


def compiled(function: Callable[..., Any], variables: Sequence[Any]) -> Callable[..., Any]:
    """Return a function that reads some variables, compiled for the shapes it is called with."""
    @jax.jit
    def run(values: list[Any], *arguments: Any) -> Any:
        with keras.StatelessScope(state_mapping=list(zip(variables, values))):
            return function(*arguments)

    return lambda *arguments: run([variable.value for variable in variables], *arguments)
