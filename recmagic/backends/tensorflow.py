"""TensorFlow: a chunk of steps is one loop compiled by XLA, which changes the Keras variables in place."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import keras
import tensorflow as tf

from recmagic.backends.in_place import InPlace
from recmagic.backends.memory import host_memory
from recmagic.backends.protocol import Arrays, Clipping, Device, Objective, Slices, shapes
from recmagic.backends.select import select

__all__ = ["Runner", "accelerated", "compiled", "device", "name", "place", "runner", "select"]
name = "tensorflow"


def device() -> Device:
    """Describe the device that computes; TensorFlow does not tell how much memory a GPU has."""
    found = tf.config.list_physical_devices("GPU")
    if not found:
        return Device(f"CPU, TensorFlow {tf.__version__}", host_memory())
    kind = tf.config.experimental.get_device_details(found[0]).get("device_name", "unnamed")
    return Device(f"GPU ({kind}), TensorFlow {tf.__version__}", None)


def accelerated() -> bool:
    """Return whether the device is faster than the host at more than arithmetic."""
    return bool(tf.config.list_physical_devices("GPU"))


def place(arrays: Arrays) -> Arrays:
    """Put arrays on the device."""
    return {key: tf.convert_to_tensor(array) for key, array in arrays.items()}


class Runner(InPlace):
    """The steps of one model as one compiled loop."""

    def __init__(self, objective: Objective, layer: Any, make_optimizer: Callable[[], Any],
                 clipping: Clipping | None) -> None:
        super().__init__(objective, layer, make_optimizer, place, clipping, partial(_each, _recurrent(layer)), _normal,
                         own_seeds=True)
        self._loop = tf.function(self._steps, jit_compile=True)
        self._compiled: set[Any] = set()

    def run(self, batches: Arrays, start: int, stop: int) -> Any:
        """Run some steps of a placed block; return losses (M,), set for these steps."""
        self.unpublish()
        given = shapes(self.data, batches)
        if given not in self._compiled:  # a run of no steps compiles
            began = time.perf_counter()
            self._loop(self.data, batches, tf.constant(start), tf.constant(start))
            self._compiled.add(given)
            self.compile_seconds += time.perf_counter() - began
        return self._loop(self.data, batches, tf.constant(start), tf.constant(stop))

    def _steps(self, data: Arrays, batches: Arrays, start: Any, stop: Any) -> Any:
        length = next(iter(batches.values())).shape[0]

        def step(number: Any, losses: Any) -> Any:
            loss = self._step(data, {key: each[number] for key, each in batches.items()})
            return number + 1, tf.tensor_scatter_nd_update(losses, [[number]], [loss])

        return tf.while_loop(lambda number, _: number < stop, step, (start, tf.zeros(length)))[1]

    def _step(self, data: Arrays, batch: Arrays) -> Any:
        trainable, rest, inner = ([tf.convert_to_tensor(variable.value) for variable in group] for group in
                                  (self.trained, self.untrained, self.optimizer.variables))
        slopes_of = self._slopes if self.clipped is None else self.clipped
        loss, rest, gradients = slopes_of(trainable, rest, inner, data, batch)
        for variable, value in zip(self.untrained, rest):
            variable.assign(value)
        # Keras here squares the gradients of a row looked up twice one by one. Summed first, as the other frameworks do
        # themselves, Adam and clipping are what they are there, and a step of BPR-MF takes 0.7 of the time.
        self.optimizer.apply([tf.convert_to_tensor(each) for each in gradients], self.trained)
        return loss

    def _slopes(self, trainable: Any, rest: Any, inner: Any, data: Arrays, batch: Arrays) -> tuple[Any, Any, Any]:
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(trainable)
            scaled, (loss, rest) = self.loss(trainable, rest, inner, data, batch)
        return loss, rest, tape.gradient(scaled, trainable, unconnected_gradients=tf.UnconnectedGradients.ZERO)


def _recurrent(layer: Any) -> bool:
    return any(isinstance(each, keras.layers.RNN) for each in layer._flatten_layers())


def _each(one_by_one: bool, of: Any, values: list[Any], units: Arrays) -> tuple[Any, Any]:
    """Differentiate `of(values, unit)` by the values, for several units at once, or for one after the other:
    `vectorized_map` cannot take a loop over steps with its gradient."""
    def one(unit: Arrays) -> Any:
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(values)
            loss, rest = of(values, unit)
        slopes = tape.gradient(loss, values, unconnected_gradients=tf.UnconnectedGradients.ZERO)
        return rest, [tf.convert_to_tensor(each) for each in slopes]

    if not one_by_one:
        return tf.vectorized_map(one, units)
    given = one({name: each[0] for name, each in units.items()})
    return tf.map_fn(one, units, tf.nest.map_structure(lambda each: tf.TensorSpec(each.shape, each.dtype), given))


def _normal(seed: Any, shapes: list[Any]) -> list[Any]:
    """Return normal numbers of some shapes, drawn from a seed (2,)."""
    return [tf.random.stateless_normal(shape, tf.random.fold_in(seed, number)) for number, shape in enumerate(shapes)]


def runner(objective: Objective, layer: Any, make_optimizer: Callable[[], Any], tables: Sequence[Any] = (),
           sliced: Slices | None = None, clipping: Clipping | None = None) -> Runner:
    """Make ready to train a layer's variables with `objective(data, batch) -> loss`; all rows of tables change, and a
    batch is computed at once."""
    return Runner(objective, layer, make_optimizer, clipping)


def compiled(function: Callable[..., Any], variables: Sequence[Any]) -> Callable[..., Any]:
    """Return a function that reads some variables, compiled for the shapes it is called with."""
    return tf.function(function, jit_compile=True)
