"""Sizes that are told before anything is allocated: a model's weights, and what one row of it computes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import keras
from keras.src.backend.common import global_state

from recmagic import backends
from recmagic.backends.memory import in_bytes
from recmagic.errors import RecmagicError, SpecError

NUMBER = 4  # bytes
COPIES = 4  # of the weights while they train: themselves, their gradients, the published ones, the best epoch's
ROWS = 16  # copies of what a row computes that compiling, or the smallest step, holds
UNKNOWN = 2**35  # bytes, where no one tells how much memory there is
SMALL = 2**28  # bytes of weights that are made without being counted first
Made = TypeVar("Made")


class TooLarge(RecmagicError):
    """What the device's memory could not hold; who builds shows it under the guilty piece of the cell."""


class _Large(Exception):
    """More weights than are made without being counted first."""


def counted_first(make: Callable[[], Made]) -> Made:
    """Return make(), which builds a cell; where its weights are large, only once it is known that they fit.

    They are counted by building the cell without giving them values. Raises SpecError at what would not fit.
    """
    try:
        with _counted(_at_most(SMALL)):
            return make()
    except Exception as error:
        if found(error, _Large) is None:
            raise
    try:
        with keras.StatelessScope(initialize_variables=False), _counted(_trainable):
            make()
    except SpecError as error:
        if found(error, TooLarge) is not None:
            raise  # any other comes again: a user's layer may make values that it cannot make unseen
    finally:
        (global_state.get_global_attribute("uninitialized_variables") or []).clear()  # Keras would give them values
    with _counted(_trainable):
        return make()


def check_row(numbers: int, what: str) -> None:
    """Raise TooLarge where a row computes more numbers than the device could hold."""
    there = _memory()
    if ROWS * NUMBER * numbers > there:
        raise TooLarge(f"{what} needs {in_bytes(NUMBER * numbers)} for each row, and there are {in_bytes(there)} here "
                       "for a batch of them.", "Make it shorter or narrower.")


def check_table(numbers: int, what: str) -> None:
    """Raise TooLarge where a table of so many numbers would not fit into the device's memory."""
    there = _memory()
    if 2 * NUMBER * numbers > there:
        raise TooLarge(f"{what} needs {in_bytes(NUMBER * numbers)}, and there are {in_bytes(there)} here.",
                       "Make it shorter.")


def numbers_of(tensors: Any) -> int:
    """Return how many numbers tensors hold for a row."""
    return sum(math.prod(size or 1 for size in each.shape[1:]) for each in keras.tree.flatten(tensors))


def numbers_in(operation: Any, output: Any) -> int:
    """Return how many numbers a layer or operation computes for a row: what it gives, and what is inside it.

    Inside, a matrix of weights gives as many numbers a step as its longer side, and each head of attention a square of
    all steps.
    """
    parts = list(operation._flatten_layers(include_self=False)) if isinstance(operation, keras.layers.Layer) else []
    inner = sum(_longer_side(weight.shape) for weight in operation.weights if len(weight.shape) > 1) if parts else 0
    heads = sum(getattr(part, "heads", getattr(part, "num_heads", 0)) for part in (operation, *parts))
    first = keras.tree.flatten(output)[0]
    steps = first.shape[1] if len(first.shape) > 2 else 1
    return numbers_of(output) + (steps or 1) * (inner + (steps or 1) * heads)


def _longer_side(shape: tuple[int, ...]) -> int:
    return max(shape[-1], math.prod(shape) // max(1, *shape))


def found(error: BaseException | None, kind: type[BaseException]) -> Any:
    """Return the exception of that kind which led to another, None where there is none: Keras wraps what it meets."""
    while error is not None and not isinstance(error, kind):
        error = error.__cause__ or error.__context__
    return error


def _memory() -> int:
    return backends.current().device().memory or UNKNOWN


def _at_most(limit: int) -> Callable[[int], None]:
    def check(numbers: int) -> None:
        if NUMBER * numbers > limit:
            raise _Large

    return check


def _trainable(numbers: int) -> None:
    """Raise TooLarge where so many weights could not be trained."""
    needed, there = COPIES * NUMBER * numbers, _memory()
    if needed > there:
        raise TooLarge(f"The weights up to here are {in_bytes(NUMBER * numbers)}; training them takes "
                       f"{in_bytes(needed)} or more, and there are {in_bytes(there)} here.", "Choose a smaller width.")


@contextmanager
def _counted(check: Callable[[int], None]) -> Iterator[None]:
    """Call a check with the number of weights so far, before each weight that a layer asks for is made."""
    theirs, numbers = keras.layers.Layer.add_weight, 0

    def add_weight(layer: Any, *given: Any, **named: Any) -> Any:
        nonlocal numbers
        shape = named.get("shape", given[0] if given else None)
        sizes = (shape,) if isinstance(shape, int) else shape or ()
        if all(isinstance(size, int) for size in sizes):  # else Keras says what is wrong with it
            numbers += math.prod(sizes)
            check(numbers)
        return theirs(layer, *given, **named)

    keras.layers.Layer.add_weight = add_weight
    try:
        yield
    finally:
        keras.layers.Layer.add_weight = theirs
