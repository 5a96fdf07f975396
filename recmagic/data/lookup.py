"""Values and their codes, tolerant of 42 against "42" and 42.0: code 0 is what is unknown or missing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, time
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Vocabulary = tuple[Any, ...]  # code -> value; the value of code 0 is None
_END = 2**63  # of whole numbers in 64 bits; what is larger is a text here
_WHOLE = re.compile(r"\s*([+-]?\d+)(?:\.0*)?\s*", re.ASCII)


def plain(raw: Iterable[Any]) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """Return values as int64 if all are whole numbers, else as strings, and which are missing (None, NaN, inf, "").

    A whole number is the same text however it is held, 42, 42.0 and Decimal("42.00") are "42"; so is a day.
    """
    series = raw if isinstance(raw, pd.Series) else pd.Series(list(raw), dtype=object)
    if isinstance(series.dtype, pd.CategoricalDtype):
        series = series.astype(object)
    missing = series.isna().to_numpy(dtype=bool)
    kind = pd.api.types.infer_dtype(series, skipna=True)
    if series.dtype.kind in "iuf":
        numbers = series.to_numpy(dtype=f"{series.dtype.kind}8", na_value=np.nan if series.dtype.kind == "f" else 0)
        missing = missing | ~np.isfinite(numbers)
        whole = np.where(missing, 0, numbers)
        if (whole < _END).all() and (whole >= -_END).all() and (whole == np.floor(whole)).all():
            return whole.astype(np.int64), missing
    values = series.astype(object).to_numpy()
    if kind == "string":
        texts = np.where(missing, "", values)
        return texts, missing | (texts == "")
    missing = missing | np.array([isinstance(value, float) and abs(value) == np.inf for value in values], dtype=bool)
    if kind in ("integer", "floating", "mixed-integer-float") and all(map(_is_whole, values[~missing])):
        return np.array([0 if gone else int(value) for value, gone in zip(values, missing)], dtype=np.int64), missing
    texts = np.array(["" if gone else _text(value) for value, gone in zip(values, missing)], dtype=object)
    return texts, missing | (texts == "")


def _is_whole(value: Any) -> bool:
    return bool(abs(value) < _END and value == int(value))


def _text(value: Any) -> str:
    if isinstance(value, datetime) and value.tzinfo is None and value.time() == time():
        return str(value.date())  # files and databases give days as their first moments
    return str(int(value) if isinstance(value, (float, np.floating, Decimal)) and _is_whole(value) else value)


def learn(raw: Iterable[Any]) -> Vocabulary:
    """Return the vocabulary of the values: None, then each value once, sorted."""
    values, missing = plain(raw)
    return (None, *np.sort(pd.unique(values[~missing])).tolist())


class Lookup:
    """The codes of a vocabulary's values."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._whole = all(isinstance(value, int) for value in vocabulary[1:])
        known = vocabulary[1:] if self._whole else [str(value) for value in vocabulary[1:]]
        dtype = np.int64 if self._whole else object
        self._index = pd.Index(np.array(known, dtype=dtype), dtype=dtype)

    def codes(self, raw: Iterable[Any]) -> NDArray[np.int32]:
        """Return the code of each value, int32 (rows,); 0 where it is missing or not in the vocabulary."""
        values, missing = plain(raw)
        if self._whole and values.dtype == object:
            values, unread = _whole_numbers(values)
            missing = missing | unread
        elif not self._whole and values.dtype != object:
            values = values.astype(str).astype(object)
        codes = self._index.get_indexer(pd.Index(values, dtype=values.dtype)) + 1
        return np.where(missing, 0, codes).astype(np.int32)


def _whole_numbers(texts: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return the whole numbers that texts say, exactly, and which say none."""
    places, distinct = pd.factorize(texts)
    matches = [_WHOLE.fullmatch(text) for text in distinct]
    numbers = [int(match[1]) if match else _END for match in matches]
    unread = np.array([abs(number) >= _END for number in numbers], dtype=bool)
    held = np.array([0 if abs(number) >= _END else number for number in numbers], dtype=np.int64)
    return held[places], unread[places]
