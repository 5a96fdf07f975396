"""Numbers and points in time out of raw cells, naming the row and column of a cell that is neither."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from recmagic.errors import DataError

_LARGEST_SECONDS = 1e11  # year 5138; anything larger counts milliseconds, microseconds or nanoseconds
_FIELDS = {"year": "year", "month": "month", "weekday": "day_of_week", "hour": "hour"}  # part -> pandas' name for it
DATE_PARTS = tuple(_FIELDS)


def numbers(raw: pd.Series, column: str) -> NDArray[np.float64]:
    """Return float64 (rows,), NaN where a cell is missing or infinite; DataError at a cell that is no number."""
    parsed = pd.to_numeric(raw, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    _refuse(raw, np.isnan(parsed), column, "number")
    return np.where(np.isfinite(parsed), parsed, np.nan)


def seconds(raw: pd.Series, column: str) -> NDArray[np.float64]:
    """Return seconds since 1970 UTC, float64 (rows,), NaN where missing; DataError at a cell that is no time.

    Takes dates, texts, and numbers in seconds, milliseconds, microseconds or nanoseconds (told apart by their size).
    """
    if not pd.api.types.is_datetime64_any_dtype(raw):
        counted = pd.to_numeric(raw, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
        if not np.any(np.isnan(counted) & raw.notna().to_numpy(dtype=bool)):
            return _scaled(np.where(np.isfinite(counted), counted, np.nan))
    moments = moments_of(raw)
    _refuse(raw, moments.isna().to_numpy(dtype=bool), column, "date or time")
    return np.asarray((moments - pd.Timestamp(0, tz="UTC")) / pd.Timedelta(seconds=1), dtype=np.float64)


def moments_of(raw: pd.Series) -> pd.Series:
    """Return the cells as UTC times, NaT where one is missing or cannot be read; ISO forms first, then any form."""
    if pd.api.types.is_datetime64_any_dtype(raw):
        return pd.to_datetime(raw, utc=True)
    texts = raw.astype(object).where(raw.notna() & (raw.astype(str) != ""), None)
    read = pd.to_datetime(texts, errors="coerce", utc=True, format="ISO8601")
    if bool((read.isna() & texts.notna()).any()):
        read = pd.to_datetime(texts, errors="coerce", utc=True, format="mixed")
    return read


def date_part(moments: NDArray[np.float64], part: str) -> NDArray[np.float64]:
    """Return the year, month (1-12), weekday (0 is Monday) or hour of times in seconds, NaN where missing."""
    times = pd.DatetimeIndex(pd.to_datetime(np.where(np.isnan(moments), 0, moments), unit="s"))
    return np.where(np.isnan(moments), np.nan, np.asarray(getattr(times, _FIELDS[part]), dtype=np.float64))


def _scaled(counted: NDArray[np.float64]) -> NDArray[np.float64]:
    largest = np.nanmax(np.abs(counted), initial=0.0)
    while largest > _LARGEST_SECONDS:
        counted, largest = counted / 1000.0, largest / 1000.0
    return counted


def _refuse(raw: pd.Series, unread: NDArray[np.bool_], column: str, what: str) -> None:
    texts = raw[unread & raw.notna().to_numpy(dtype=bool)]
    wrong = texts[~texts.astype(str).str.strip().str.lower().isin(["", "nan", "none", "null", "inf", "-inf"])]
    if len(wrong):
        row = int(np.flatnonzero(raw.index == wrong.index[0])[0]) + 1
        raise DataError(
            f"Row {row}, column '{column}': {wrong.iloc[0]!r} is not a {what}.",
            f"Mend or drop it ({len(wrong):,} such of {len(raw):,} rows; rows are counted from 1).",
        )
