"""What every backend can do for the engine: the few verbs that Keras lacks, or does slowly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

Arrays = dict[str, Any]


class Selection(NamedTuple):
    """The best k items (U, k) of U users with their scores, the scores (U, T) of the items asked after, and how many
    items tie with the k-th score (U,), itself counted."""

    items: NDArray[np.int32]
    scores: NDArray[np.float32]
    relevant_scores: NDArray[np.float32]
    boundary: NDArray[np.int64]


class Runner(Protocol):
    """A training in progress: its state lives on the device until it is published."""

    compile_seconds: float

    def place(self, batches: Arrays) -> Arrays:
        """Put a block of batches (M, ...) on the device."""

    def run(self, batches: Arrays, start: int, stop: int) -> Any:
        """Run some steps of a placed block; return losses (M,), set for these steps, perhaps not computed yet."""

    def publish(self) -> bool:
        """Write the state into the Keras variables, where it is safe from the next steps; False if there is none."""


class Backend(Protocol):
    """One framework's verbs: numpy in, numpy out."""

    name: str

    def device(self) -> str:
        """Say which device computes, in words."""

    def accelerated(self) -> bool:
        """Return whether the device is faster than the host at more than arithmetic."""

    def place(self, arrays: Arrays) -> Arrays:
        """Put arrays on the device."""

    def start(self, objective: Callable[[Arrays, Arrays], Any], layer: Any, optimizer: Any, data: Arrays) -> Runner:
        """Begin to train a layer's variables with `objective(data, batch) -> loss`."""

    def compiled(self, function: Callable[..., Any], layer: Any) -> Callable[..., Any]:
        """Return a function that reads a layer's variables, compiled for the shapes it is called with."""

    def select(self, scores: Any, hidden: NDArray[np.bool_], relevant: NDArray[np.int32], k: int) -> Selection:
        """Return the best k of scores (U, N) that are not hidden (U, N); `relevant` (U, T) is padded with -1."""

