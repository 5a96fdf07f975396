"""Layers that Keras and Keras-RS lack, one a file."""

from __future__ import annotations

from collections.abc import Iterable


def widths(name: str, values: Iterable[int]) -> tuple[int, ...]:
    """Return the widths of layers that a setting gives; ValueError where one is no whole number from 1 up."""
    found = (values,) if isinstance(values, int) else tuple(values)
    if not all(isinstance(each, int) and each >= 1 for each in found):
        raise ValueError(f"{name} are whole numbers from 1 up, not {values!r}.")
    return found
