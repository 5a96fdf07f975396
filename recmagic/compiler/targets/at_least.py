"""`at_least(column, value)`: whether a number reaches a value."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recmagic.data.column import Column


def at_least(column: Column, value: float) -> NDArray[np.float32]:
    """Give 1 where the column, in its own units, is at least the value, else 0; NaN where it is missing."""
    numbers = column.originals()
    return np.where(np.isnan(numbers), np.nan, numbers >= value).astype(np.float32)
