"""A table of metadata as JSON and arrays: numbers as arrays, everything else cell by cell."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from recmagic.errors import DataError
from recmagic.saving.shape import array, need, taken

Arrays = dict[str, NDArray[Any]]
_NUMBERS = "biuf"  # numpy's kinds: bool, whole numbers, fractions
_UNITS = ("s", "ms", "us", "ns")
_DTYPES = ("object", "str", "string")
_ABSENT = {"nan": math.nan, "NaT": pd.NaT, "<NA>": pd.NA}


def write_frame(frame: pd.DataFrame, place: str, arrays: Arrays) -> list[dict[str, Any]]:
    """Return the columns of a table as JSON; those of numbers join the arrays, by their place and number."""
    told: list[dict[str, Any]] = []
    for number, name in enumerate(frame.columns):
        column = frame.iloc[:, number]
        if isinstance(column.dtype, np.dtype) and column.dtype.kind in _NUMBERS:
            arrays[f"{place}/{number}"] = column.to_numpy()
            told.append({"name": str(name)})
        elif column.dtype.kind == "M":
            arrays[f"{place}/{number}"] = column.to_numpy(dtype=f"datetime64[{column.dt.unit}]").astype(np.int64)
            told.append({"name": str(name), "unit": column.dt.unit, "zone": str(column.dt.tz or "")})
        else:
            texts = {"dtype": str(column.dtype)} if isinstance(column.dtype, pd.StringDtype) else {}
            told.append({"name": str(name), **texts, "cells": [_cell(each) for each in column]})
    return told


def read_frame(told: Any, place: str, arrays: Mapping[str, NDArray[Any]], rows: int) -> pd.DataFrame:
    """Return the table of so many rows that `write_frame` has written."""
    need(isinstance(told, list) and len(told) > 0, place, "a list of columns")
    columns: dict[str, Any] = {}
    for number, each in enumerate(told):
        name = taken(each, "name", str, f"{place}[{number}]")
        need(name not in columns, f"{place}[{number}].name", "a name of its own")
        read = _cells if "cells" in each else _dates if "unit" in each else _numbers
        columns[name] = read(each, f"{place}/{number}", arrays, rows)
    return pd.DataFrame(columns)


def _cells(told: Any, place: str, arrays: Mapping[str, NDArray[Any]], rows: int) -> pd.Series:
    cells, dtype = taken(told, "cells", list, place), told.get("dtype", "object")
    need(len(cells) == rows, f"{place}.cells", f"{rows} cells")
    need(dtype in _DTYPES, f"{place}.dtype", " or ".join(_DTYPES))
    return pd.Series([_value(cell, place) for cell in cells], dtype=dtype)


def _dates(told: Any, place: str, arrays: Mapping[str, NDArray[Any]], rows: int) -> pd.Series:
    unit, zone = taken(told, "unit", str, place), taken(told, "zone", str, place)
    need(unit in _UNITS, f"{place}.unit", " or ".join(_UNITS))
    found = pd.Series(array(arrays, place, np.int64, (rows,)).astype(f"datetime64[{unit}]"))
    try:
        return found.dt.tz_localize("UTC").dt.tz_convert(zone) if zone else found
    except (KeyError, ValueError, OSError) as error:  # zoneinfo's, at a name that is none
        raise DataError(f"The saved model is damaged: {place}.zone should be a time zone.") from error


def _numbers(told: Any, place: str, arrays: Mapping[str, NDArray[Any]], rows: int) -> pd.Series:
    found = arrays.get(place)
    need(found is not None and found.dtype.kind in _NUMBERS, place, "numbers")
    assert found is not None
    return pd.Series(array(arrays, place, found.dtype, (rows,)))


def _cell(value: Any) -> Any:
    """Return a cell as JSON: a list as a list, what is absent by its name, anything that JSON lacks as its text."""
    if isinstance(value, (list, tuple, np.ndarray, set, frozenset)):
        return [_cell(each) for each in value]
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, (bool, int, str)) or (isinstance(value, float) and math.isfinite(value)):
        return value
    return {"absent": str(value)} if pd.isna(value) else {"text": str(value)}


def _value(cell: Any, place: str) -> Any:
    if isinstance(cell, list):
        return [_value(each, place) for each in cell]
    if isinstance(cell, dict):
        if "absent" in cell:
            need(cell["absent"] in _ABSENT, place, "a cell")
            return _ABSENT[cell["absent"]]
        return taken(cell, "text", str, place)
    return cell
