"""A fresh start for an optimizer that compiled steps hold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any


def renew(optimizer: Any, make: Callable[[], Any], variables: Sequence[Any]) -> None:
    """Set an optimizer back to how a fresh one over the same variables starts."""
    fresh = make()
    fresh.build(variables)
    for variable, value in zip(optimizer.variables, fresh.variables):
        variable.assign(value.value)
