"""Numbers and points in time out of raw cells, naming the row and column of a cell that is neither."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from recmagic.errors import DataError

_LARGEST = float(np.finfo(np.float32).max)  # numbers are kept in 32 bits
_LARGEST_SECONDS = 1e11  # year 5138; anything larger counts milliseconds, microseconds or nanoseconds
_FIRST, _LAST = -62_135_596_800, 253_402_300_799  # the seconds of the years 1 to 9999
_FIELDS = {"year": "year", "month": "month", "weekday": "day_of_week", "hour": "hour"}  # part -> pandas' name for it
_UNITS = {"s": 1.0, "ms": 1e3, "us": 1e6, "ns": 1e9}  # how many of them a second has
_DAY_FIRST, _MONTH_FIRST = (rf"^\s*{pattern}[/.-]\d{{4}}" for pattern in (
    r"(?:1[3-9]|2\d|3[01])[/.-]\d{1,2}", r"\d{1,2}[/.-](?:1[3-9]|2\d|3[01])"))
_COMMA, _THOUSANDS = re.compile(r"\s*[+-]?\d+,\d+\s*"), re.compile(r"\s*[+-]?\d{1,3},\d{3}\s*")
DATE_PARTS = tuple(_FIELDS)
_LINE = 80  # characters of a cell in a message


def numbers(raw: pd.Series, column: str) -> NDArray[np.float64]:
    """Return float64 (rows,), NaN where a cell is missing or infinite; "50,88" is 50.88.

    Raises DataError at a cell that is no number, or one too large for 32 bits.
    """
    parsed = counted(raw)
    _refuse(raw, np.isnan(parsed), column, "is not a number")
    finite = np.where(np.isfinite(parsed), parsed, np.nan)
    _refuse(raw, np.abs(finite) > _LARGEST, column, f"is too large: numbers end at {_LARGEST:.1e}")
    return finite


def decimal_commas(raw: pd.Series) -> NDArray[np.bool_]:
    """Return which cells are texts of a number with a comma for its point, bool (rows,).

    None are where each of them may as well be a number with its thousands apart (1,234).
    """
    if pd.api.types.is_numeric_dtype(raw) or pd.api.types.is_datetime64_any_dtype(raw):
        return np.zeros(len(raw), dtype=bool)
    found = np.array([isinstance(value, str) and "," in value and bool(_COMMA.fullmatch(value)) for value in raw],
                     dtype=bool)
    return found & (not all(_THOUSANDS.fullmatch(value) for value in raw[found]))


def seconds(raw: pd.Series, column: str) -> NDArray[np.float64]:
    """Return seconds since 1970 UTC, float64 (rows,), NaN where missing; DataError at a cell that is no time.

    Takes dates, texts, and numbers in seconds, milliseconds, microseconds or nanoseconds (told apart by their size), of
    the years 1 to 9999.
    """
    found_numbers = counted(raw)
    if np.any(np.isnan(found_numbers) & raw.notna().to_numpy(dtype=bool)):
        moments = moments_of(raw)
        _refuse(raw, moments.isna().to_numpy(dtype=bool), column, "is not a date or time")
        found = _since_1970(moments)
    else:
        found = _scaled(np.where(np.isfinite(found_numbers), found_numbers, np.nan))
    _refuse(raw, (found < _FIRST) | (found > _LAST), column, "is not a date or time of the years 1 to 9999")
    return found


def moments_of(raw: pd.Series) -> pd.Series:
    """Return the cells as UTC times, NaT where one is missing or cannot be read; ISO forms first, then any form.

    Where one day of a column comes before its month (13/02/2024), all do; NaT for those that then make no sense.
    """
    if pd.api.types.is_datetime64_any_dtype(raw):
        return pd.to_datetime(raw, utc=True)
    known = raw.notna().to_numpy(dtype=bool) & np.array([str(value) != "" for value in raw], dtype=bool)
    texts = raw.astype(object).where(known, None)
    read = pd.to_datetime(texts, errors="coerce", utc=True, format="ISO8601")
    if bool((read.isna() & texts.notna()).any()):
        written = texts.map(str).astype(object)
        day_first = written.str.contains(_DAY_FIRST)
        read = pd.to_datetime(texts, errors="coerce", utc=True, format="mixed", dayfirst=bool(day_first.any()))
        if day_first.any():
            read = read.mask(written.str.contains(_MONTH_FIRST))
    return read


def date_part(moments: NDArray[np.float64], part: str) -> NDArray[np.float64]:
    """Return the year, month (1-12), weekday (0 is Monday) or hour of times in seconds, NaN where missing."""
    times = pd.DatetimeIndex(_whole_seconds(np.where(np.isnan(moments), 0, moments)))
    return np.where(np.isnan(moments), np.nan, np.asarray(getattr(times, _FIELDS[part]), dtype=np.float64))


def moment_text(moment: float, *, clock: bool = False) -> str:
    """Return a time in seconds as 2024-02-29, or with its clock as 2024-02-29 13:00:00."""
    text = str(_whole_seconds(np.array([moment]))[0])
    return text.replace("T", " ") if clock else text.partition("T")[0]


def place_of(raw: pd.Series, place: int, column: str) -> str:
    """Return where a cell stands: "Row 3, column 'stars'", or, of a described item, "The item 7, column 'year'".

    The index of `raw` holds rows counted from 0, or, if it has a name ("user", "item"), their ids.
    """
    label = raw.index[place]
    who = f"Row {int(label) + 1}" if raw.index.name is None else f"The {raw.index.name} {label!r}"
    return f"{who}, column '{column}'"


def is_several(value: object) -> bool:
    """Return whether a cell holds several values, as a list does; a text is one."""
    return hasattr(value, "__len__") and not isinstance(value, str)


def shown(value: object) -> str:
    """Return a cell as Python writes it, cut to a line."""
    text = repr(value.item() if isinstance(value, np.generic) else value)
    return text if len(text) <= _LINE else f"{text[:_LINE]}…"


def _whole_seconds(moments: NDArray[np.float64]) -> NDArray[np.datetime64]:
    return np.floor(moments).astype(np.int64).astype("datetime64[s]")


def counted(raw: pd.Series) -> NDArray[np.float64]:
    """Return the cells that are numbers, or texts of such, as float64; NaN for all others."""
    nothing = np.full(len(raw), np.nan)
    if raw.dtype.kind in "mMc" or isinstance(raw.dtype, (pd.PeriodDtype, pd.IntervalDtype)):
        return nothing
    if raw.dtype == object:
        raw = raw.mask(np.array([isinstance(value, (complex, np.complexfloating)) for value in raw], dtype=bool))
    try:
        parsed = pd.to_numeric(raw, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan, copy=True)
    except OverflowError:  # an int of 400 digits; as a text it is infinite
        return counted(raw.map(lambda value: str(value) if isinstance(value, int) else value))
    commas = decimal_commas(raw)
    parsed[commas] = [float(value.replace(",", ".")) for value in raw[commas]]
    return parsed


def _since_1970(moments: pd.Series) -> NDArray[np.float64]:
    counts = moments.dt.tz_convert(None).to_numpy(dtype=f"datetime64[{moments.dt.unit}]")
    return np.where(np.isnat(counts), np.nan, counts.astype(np.int64) / _UNITS[moments.dt.unit])


def _scaled(counted: NDArray[np.float64]) -> NDArray[np.float64]:
    largest = np.nanmax(np.abs(counted), initial=0.0)
    unit = next((unit for unit in _UNITS.values() if largest / unit <= _LARGEST_SECONDS), 1.0)
    return counted / unit


def _refuse(raw: pd.Series, wrong: NDArray[np.bool_], column: str, fact: str) -> None:
    guilty = [place for place in np.flatnonzero(wrong & raw.notna().to_numpy(dtype=bool)).tolist()
              if str(raw.iloc[place]).strip().lower() not in ("", "nan", "none", "null", "inf", "-inf")]
    if guilty:
        raise DataError(
            f"{place_of(raw, guilty[0], column)}: {shown(raw.iloc[guilty[0]])} {fact}.",
            f"Mend or drop it ({len(guilty):,} such of {len(raw):,} rows; rows are counted from 1).",
        )
