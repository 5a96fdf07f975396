"""Weights as they lie on disk: where most are zero, one bit a number and the values of the others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = dict[str, NDArray[Any]]
BITS, VALUES = "nonzero", "values"
WORTH_IT = 256  # numbers; a smaller array stays as it is


def put(arrays: Arrays, name: str, value: NDArray[Any]) -> None:
    """Put an array under its name; one of whose numbers most are zero as bits and values under two names."""
    others = value != 0
    if value.size < WORTH_IT or 2 * int(others.sum()) >= value.size:
        arrays[name] = value
        return
    arrays[f"{name}/{BITS}"] = np.packbits(others.reshape(-1))
    arrays[f"{name}/{VALUES}"] = value[others]


def whole(arrays: Mapping[str, NDArray[Any]], name: str, size: int) -> NDArray[Any] | None:
    """Return as one row of `size` numbers an array that lies there as bits and values.

    None where it does not, or where bits and values do not belong together.
    """
    bits, values = arrays.get(f"{name}/{BITS}"), arrays.get(f"{name}/{VALUES}")
    if bits is None or values is None or bits.dtype != np.uint8 or bits.shape != (-(-size // 8),) or values.ndim != 1:
        return None
    others = np.unpackbits(bits).astype(bool)
    if int(others.sum()) != len(values) or others[size:].any():
        return None
    found = np.zeros(size, values.dtype)
    found[others[:size]] = values
    return found


def bytes_of(variables: Any) -> int:
    """Return how many bytes some variables take on disk."""
    arrays: Arrays = {}
    for number, each in enumerate(variables):
        put(arrays, str(number), np.asarray(each.numpy()))
    return sum(each.nbytes for each in arrays.values())
