"""What every backend can do for the engine: the few verbs that Keras lacks, or does slowly."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

Arrays = dict[str, Any]
Objective = Callable[[Arrays, Arrays], Any]  # the data on the device and a batch -> a loss


@dataclass(frozen=True)
class Slices:
    """The objective as `sums(data, batch)`, a sum and the number that it is divided by.

    With it, a batch can be computed `at_once` examples at a time.
    """

    sums: Callable[[Arrays, Arrays], tuple[Any, Any]]
    at_once: int


@dataclass(frozen=True)
class Clipping:
    """What makes a step differentially private (DP-SGD: Abadi et al. 2016), for `sums` as in `Slices`.

    An example of a batch is a unit: each array has one row a unit, and `sums` is asked for one unit at a time. `tables`
    are embedding layers inside it of which a unit looks up few rows; of the variables `still` row 0 never changes.
    `at_once` units are computed at a time, and a batch holds a multiple of that.

    Beside its units a batch has `present` (P,), 1 or 0, which of them count, and `noise` (2,), a seed. The data has the
    numbers `private/clip`, the length to which a unit's gradient is cut; `private/noise`, the deviation of the noise on
    the sum; and `private/expected`, what the sum is divided by.
    """

    sums: Callable[[Arrays, Arrays], tuple[Any, Any]]
    at_once: int
    tables: Sequence[Any] = ()
    still: Sequence[Any] = ()


def shapes(*groups: Arrays) -> tuple[Any, ...]:
    """Return what a compiled step depends on: the names and shapes of arrays."""
    return tuple(sorted((name, tuple(array.shape)) for group in groups for name, array in group.items()))


@dataclass(frozen=True)
class Device:
    """What computes, in words, and its memory in bytes, where known."""

    text: str
    memory: int | None


class Selection(NamedTuple):
    """The best k items (U, k) of U users with their scores, the scores (U, T) of the items asked after, and how many
    items tie with the k-th score (U,), itself counted."""

    items: NDArray[np.int32]
    scores: NDArray[np.float32]
    relevant_scores: NDArray[np.float32]
    boundary: NDArray[np.int64]


class Runner(Protocol):
    """The steps of one model, compiled once and run by one training after the other.

    A training's state (trained variables, other variables, the optimizer's) lives on the device from `begin` to `end`.
    """

    optimizer: Any
    compile_seconds: float
    row_wise: tuple[str, ...]  # the names of the tables of which a step changes no more than it looks up

    def begin(self, data: Arrays) -> None:
        """Start a training over data on the host, from the variables as they stand and a fresh optimizer."""

    def exchange(self, data: Arrays) -> None:
        """Put other arrays, of the same shapes, in the place of some of the data's."""

    def place(self, batches: Arrays) -> Arrays:
        """Put a block of batches (M, ...) on the device."""

    def run(self, batches: Arrays, start: int, stop: int) -> Any:
        """Run some steps of a placed block; return losses (M,), set for these steps, perhaps not computed yet."""

    def publish(self, averaged: bool = True) -> bool:
        """Write the state into the Keras variables, where it is safe from the next steps; False if there is none.

        An optimizer that averages the weights publishes the averages, if `averaged`. What is assigned to a variable
        between two runs becomes part of the state, unless averages stand in the variables.
        """

    def state(self) -> list[Any]:
        """Return copies on the host of everything that the next step depends on, [] if there is nothing."""

    def restore(self, state: list[Any]) -> None:
        """Go on from what `state` returned."""

    def end(self) -> None:
        """Let go of the state and the data; what is compiled stays."""


class Backend(Protocol):
    """One framework's verbs."""

    name: str

    def device(self) -> Device:
        """Describe the device that computes."""

    def accelerated(self) -> bool:
        """Return whether the device is faster than the host at more than arithmetic."""

    def place(self, arrays: Arrays) -> Arrays:
        """Put arrays on the device."""

    def runner(self, objective: Objective, layer: Any, make_optimizer: Callable[[], Any],
               tables: Sequence[Any] = (), sliced: Slices | None = None, clipping: Clipping | None = None) -> Runner:
        """Make ready to train a layer's variables with `objective(data, batch) -> loss`.

        `tables` are embedding layers inside it that are large and only ever looked up: a backend that can changes
        nothing but the rows that a step looks up. `sliced` is the same objective for a batch in slices, if that gives
        the same: a backend takes it where that is faster. With `clipping` the gradients are private.
        """

    def compiled(self, function: Callable[..., Any], variables: Sequence[Any]) -> Callable[..., Any]:
        """Return a function that reads some variables, compiled for the shapes it is called with."""

    def select(self, scores: Any, hidden: NDArray[np.bool_], relevant: NDArray[np.int32], k: int) -> Selection:
        """Return the best k of scores (U, N) that are not hidden (U, N); `relevant` (U, T) is padded with -1."""
