"""What runners share whose steps change the Keras variables themselves."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain
from typing import Any

from keras import ops

from recmagic.backends.clipping import Clipped
from recmagic.backends.protocol import Arrays, Clipping, Objective
from recmagic.backends.pure import pure, pure_sums
from recmagic.backends.renew import renew


class InPlace:
    """The state of a training is the Keras variables' own; `place` puts arrays on the device.

    `each`, `normal` and `own_seeds` are what `Clipped` asks a backend for.
    """

    def __init__(self, objective: Objective, layer: Any, make_optimizer: Callable[[], Any],
                 place: Callable[[Arrays], Arrays], clipping: Clipping | None, each: Any, normal: Any,
                 own_seeds: bool) -> None:
        self.make_optimizer, self.optimizer = make_optimizer, make_optimizer()
        self.optimizer.build(layer.trainable_variables)
        self.trained, self.untrained = layer.trainable_variables, layer.non_trainable_variables
        self.loss = pure(objective, layer, self.optimizer, self.trained)
        self.clipped: Clipped | None = None
        if clipping is not None:
            sums = pure_sums(clipping.sums, layer, self.optimizer, self.trained)
            self.clipped = Clipped(clipping, sums, self.trained, self.untrained, each, normal, own_seeds)
        self.place, self.compile_seconds = place, 0.0
        self.row_wise: tuple[str, ...] = ()
        self.begun = False
        self.data: Arrays = {}
        self._behind: list[Any] | None = None  # the weights themselves, while their averages are published

    def begin(self, data: Arrays) -> None:
        """Start a training over data on the host, from the variables as they stand and a fresh optimizer."""
        if self.begun:
            renew(self.optimizer, self.make_optimizer, self.trained)
        self.begun, self.data, self._behind = True, self.place(data), None

    def exchange(self, data: Arrays) -> None:
        """Put other arrays, of the same shapes, in the place of some of the data's."""
        self.data = self.data | self.place(data)

    def publish(self, averaged: bool = True) -> bool:
        """Have the averages in the variables, if they are asked for and there are any; the state is there anyway."""
        if not averaged:
            self.unpublish()
        elif self._behind is None and _averages(self.optimizer):
            self._behind = [_copied(variable) for variable in self.trained]
            self.optimizer.finalize_variable_values(self.trained)
        return bool(self.data)

    def unpublish(self) -> None:
        """Have the weights themselves in the variables."""
        if self._behind is not None:
            for variable, value in zip(self.trained, self._behind):
                variable.assign(value)
            self._behind = None

    def state(self) -> list[Any]:
        """Return copies on the host of everything that the next step depends on, [] if there is nothing."""
        if not self.data:
            return []
        trained = self._behind or [_copied(variable) for variable in self.trained]
        return [*trained, *map(_copied, chain(self.untrained, self.optimizer.variables))]

    def restore(self, state: list[Any]) -> None:
        """Go on from what `state` returned."""
        self._behind = None
        for variable, value in zip(chain(self.trained, self.untrained, self.optimizer.variables), state):
            variable.assign(value)

    def end(self) -> None:
        """Let go of the data; what is compiled stays."""
        self.data, self._behind = {}, None


def _averages(optimizer: Any) -> bool:
    """Return whether an optimizer, or one that it hands the work to, averages the weights."""
    inner = [*getattr(optimizer, "optimizers", ()), getattr(optimizer, "inner_optimizer", None)]
    return optimizer.use_ema or any(each is not None and _averages(each) for each in inner)


def _copied(variable: Any) -> Any:
    return ops.convert_to_numpy(variable.value).copy()
