"""The objective as a function without side effects: values of variables in, a loss and new values out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras

from recmagic.backends.protocol import Arrays, Objective

Values = list[Any]
Loss = Callable[[Values, Values, Values, Arrays, Arrays], tuple[Any, tuple[Any, Values]]]
Sums = Callable[[Values, Values, Values, Arrays, Arrays], tuple[Any, tuple[Any, Any, Values]]]


def pure(objective: Objective, layer: Any, optimizer: Any, trained: Sequence[Any]) -> Loss:
    """Return `loss(trainable, rest, inner, data, batch)`, the losses that layers add included.

    It gives what is to be differentiated (scaled, where the optimizer scales), and beside it the loss and the new
    values of the variables that are not trained. `trainable` are the values of the variables `trained`, `inner` those
    of the optimizer's.
    """
    sums = pure_sums(lambda data, batch: (objective(data, batch), 1.0), layer, optimizer, trained)

    def loss(*given: Any) -> Any:
        scaled, (value, _, rest) = sums(*given)
        return scaled, (value, rest)

    return loss


def pure_sums(of: Callable[[Arrays, Arrays], tuple[Any, Any]], layer: Any, optimizer: Any,
              trained: Sequence[Any]) -> Sums:
    """Return the like for an objective that gives a sum and the number it is to be divided by.

    The losses that layers add are counted that many times, so that the sums of parts of a batch can be added up.
    """
    untrained = layer.non_trainable_variables

    def sums(trainable: Values, rest: Values, inner: Values, data: Arrays, batch: Arrays) -> Any:
        mapping = [*zip(trained, kept(trainable, data)), *zip(untrained, rest), *zip(optimizer.variables, inner)]
        with keras.StatelessScope(state_mapping=mapping, collect_losses=True) as scope:
            total, count = of(data, batch)
            total = total + count * sum(layer.losses)
            scaled = optimizer.scale_loss(total)
        return scaled, (total, count, [_current(scope, variable, old) for variable, old in zip(untrained, rest)])

    return sums


def kept(values: Values, data: Arrays) -> Values:
    """Return the values of trained variables, those at zero that the data does not keep: `kept/3` is 1 where the fourth
    variable is kept. What is at zero has no gradient, so it stays where an optimizer starts afresh."""
    return [value * data[f"kept/{number}"] if f"kept/{number}" in data else value
            for number, value in enumerate(values)]


def _current(scope: keras.StatelessScope, variable: Any, old: Any) -> Any:
    value = scope.get_current_value(variable)
    return old if value is None else value
