"""`balanced(column, power)`: rows of a rare class weigh more."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recmagic.compiler.weights import Rows
from recmagic.data.column import Column


def balanced(rows: Rows, column: Column | None = None, power: float = 1.0) -> NDArray[np.float64]:
    """Weigh a row by one over how many training examples are of its class, to the power.

    The class is the value of a column; by default the target's, or the item where an item is predicted. With power 1
    all classes weigh the same in total (King & Zeng 2001, Logistic regression in rare events data), with 0.5 the
    common ones keep a part of their lead.
    """
    if not 0 <= power <= 2:
        raise ValueError(f"power is a number from 0 (all the same) to 2, not {power!r}.")
    return np.asarray(rows.counts(rows.classes(column)) ** -float(power))
