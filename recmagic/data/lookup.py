"""Values and their codes, tolerant of 42 against "42": code 0 is what is unknown or missing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Vocabulary = tuple[Any, ...]  # code -> value; the value of code 0 is None


def plain(raw: Iterable[Any]) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """Return values as int64 if all are whole numbers, else as strings, and which are missing (None, NaN, "")."""
    series = raw if isinstance(raw, pd.Series) else pd.Series(list(raw))
    missing = series.isna().to_numpy(dtype=bool)
    kind = pd.api.types.infer_dtype(series, skipna=True)
    if kind in ("integer", "floating", "mixed-integer-float"):
        numbers = series.to_numpy(dtype=np.float64 if missing.any() or kind != "integer" else np.int64, na_value=np.nan)
        missing = missing | ~np.isfinite(numbers)
        whole = np.where(missing, 0, numbers)
        if np.all(whole == np.floor(whole)):
            return whole.astype(np.int64), missing
    texts = np.asarray(series.astype(object).where(~missing, "").map(str), dtype=object)
    return texts, missing | (texts == "")


def learn(raw: Iterable[Any]) -> Vocabulary:
    """Return the vocabulary of the values: None, then each value once, sorted."""
    values, missing = plain(raw)
    return (None, *np.sort(pd.unique(values[~missing])).tolist())


class Lookup:
    """The codes of a vocabulary's values."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._whole = all(isinstance(value, int) for value in vocabulary[1:])
        known = vocabulary[1:] if self._whole else [str(value) for value in vocabulary[1:]]
        self._index = pd.Index(np.array(known, dtype=np.int64 if self._whole else object))

    def codes(self, raw: Iterable[Any]) -> NDArray[np.int32]:
        """Return the code of each value, int32 (rows,); 0 where it is missing or not in the vocabulary."""
        values, missing = plain(raw)
        if self._whole and values.dtype == object:
            numbers = pd.to_numeric(pd.Series(values, dtype=object), errors="coerce").to_numpy(dtype=np.float64)
            missing = missing | ~np.isfinite(numbers) | (numbers != np.floor(numbers))
            values = np.where(missing, 0, numbers).astype(np.int64)
        elif not self._whole and values.dtype != object:
            values = values.astype(str).astype(object)
        codes = self._index.get_indexer(pd.Index(values)) + 1
        return np.where(missing, 0, codes).astype(np.int32)
