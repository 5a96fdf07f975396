"""Ids out of raw cells: what cannot tell one user or item from another is refused, with its row and column."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from recmagic.data.cells import is_several, place_of, shown
from recmagic.errors import DataError

_EXACT = 2.0**53  # from here on, neighbouring whole numbers are one and the same fraction of 64 bits


def check_ids(raw: pd.Series, column: str) -> None:
    """Raise DataError at a list or dict, and at a fraction so large that several ids may have become one."""
    kind = pd.api.types.infer_dtype(raw, skipna=True)
    if kind == "floating" and raw.dtype != object:
        values = raw.to_numpy(dtype=np.float64, na_value=np.nan)
        wrong = np.flatnonzero(np.isfinite(values) & (np.abs(values) >= _EXACT)).tolist()
    elif kind in ("floating", "mixed-integer-float", "mixed", "mixed-integer", "categorical"):
        wrong = [place for place, value in enumerate(raw) if _blurred(value) or is_several(value)]
    else:
        return
    if not wrong:
        return
    value = raw.iloc[wrong[0]]
    if is_several(value):
        raise DataError(f"{place_of(raw, wrong[0], column)}: {shown(value)} is no id.", "An id is a number or a text.")
    raise DataError(
        f"{place_of(raw, wrong[0], column)}: {shown(value)} is a fraction, and past 2**53 several whole numbers "
        "are one such: ids may have run together.",
        'Read the column as whole numbers or texts: pandas.read_csv(..., dtype={"COLUMN": "Int64"}), or '
        "SELECT ... FROM read_csv('FILE', all_varchar=true).",
    )


def _blurred(value: Any) -> bool:
    return isinstance(value, (float, np.floating)) and _EXACT <= abs(float(value)) < np.inf
