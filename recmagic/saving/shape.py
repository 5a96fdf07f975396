"""Checks on what a saved model holds: each thing is what it should be, or the file is refused with its place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recmagic.errors import DataError


def need(fits: bool, place: str, what: str) -> None:
    """Raise DataError unless what lies at a place of the document is what it should be."""
    if not fits:
        raise DataError(f"The saved model is damaged: {place} should be {what}.",
                        "Save the model again, or take another copy.")


def taken(document: Any, key: str, kind: type | tuple[type, ...], place: str) -> Any:
    """Return what a part of a document holds under a key, which must be of a kind."""
    need(isinstance(document, Mapping) and key in document, place, f"something with {key!r}")
    value = document[key]
    named = " or ".join(each.__name__ for each in (kind if isinstance(kind, tuple) else (kind,)))
    need(isinstance(value, kind) and not (isinstance(value, bool) and kind in (int, float)), f"{place}.{key}", named)
    return value


def array(arrays: Mapping[str, NDArray[Any]], name: str, dtype: Any, shape: tuple[int | None, ...]) -> NDArray[Any]:
    """Return an array of a type and a shape, in which None stands for any length."""
    need(name in arrays, name, "among the arrays")
    found = arrays[name]
    fits = found.dtype == np.dtype(dtype) and found.ndim == len(shape) and all(
        wanted in (None, length) for wanted, length in zip(shape, found.shape))
    need(fits, name, f"{np.dtype(dtype).name} {shape}")
    return found


def within(found: NDArray[Any], stop: int, place: str) -> NDArray[Any]:
    """Return an array of numbers from 0 to below `stop`."""
    need(not found.size or (int(found.min()) >= 0 and int(found.max()) < stop), place, f"numbers from 0 to {stop - 1}")
    return found
