"""What kind each column is, told by its values, unless the user or the source says otherwise."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pandas as pd

from recmagic.data.cells import decimal_commas, is_several, moments_of, place_of, shown
from recmagic.data.roles import column_named
from recmagic.errors import DataError, did_you_mean

CHOICES = ("id", "category", "multi", "number", "date", "text")
_SAMPLE = 1000
_CODE_NAME = re.compile(r"(?:^|[_\s])(?:id|code|zip|zipcode|postcode|phone|isbn|ean|sku)$|[a-z]Id$", re.IGNORECASE)
_NUMBER = re.compile(r"\s*[+-]?\d+(?:[.,]\d+)?\s*")
_DATE = re.compile(r"^\d{4}-\d{1,2}-\d{1,2}|^\d{1,2}[-/ .](?:\d{1,2}|[A-Za-z]{3})[-/ .]\d{4}")


def infer_kinds(frame: pd.DataFrame, known: dict[str, str]) -> dict[str, str]:
    """Return column -> kind, in the frame's order; `known` overrides. Columns without a value are left out.

    Raises DataError at a dict.
    """
    full = [str(name) for name in frame.columns if name in known or frame[name].notna().any()]
    kinds = {name: known.get(name) or _kind(name, frame[name]) for name in full}
    return {name: "category" if kind == "id" else kind for name, kind in kinds.items()}  # "id" is for the roles


def check_types(types: dict[str, str], columns: list[str]) -> None:
    """Raise DataError at a column of `types` that is not there, or a kind that does not exist."""
    for name, kind in types.items():
        column_named(columns, name, "types")
        if kind not in CHOICES:
            hint = did_you_mean(kind, CHOICES) or f"The kinds are: {', '.join(CHOICES)}."
            raise DataError(f"There is no kind of column '{kind}' (for '{name}').", hint)


def _kind(name: str, raw: pd.Series) -> str:
    if pd.api.types.is_bool_dtype(raw):
        return "category"
    if pd.api.types.is_datetime64_any_dtype(raw):
        return "date"
    if pd.api.types.is_numeric_dtype(raw) and not pd.api.types.is_complex_dtype(raw):
        return "category" if _CODE_NAME.search(name) else "number"
    known = raw[raw.notna() & (raw.astype(str) != "")]
    values = known.iloc[:: max(1, len(known) // _SAMPLE)]
    if not all(isinstance(value, str) for value in values):
        _refuse_dicts(values, name)
        return "multi" if all(map(is_several, values)) else "category"
    return _kind_of_texts(values.astype(str))


def _refuse_dicts(values: pd.Series, name: str) -> None:
    guilty = next((place for place, value in enumerate(values) if isinstance(value, Mapping)), None)
    if guilty is not None:
        raise DataError(
            f"{place_of(values, guilty, name)}: a dict ({shown(values.iloc[guilty])}) is no value of a column.",
            "Make columns of its parts (pandas.json_normalize), or drop the column.",
        )


def _kind_of_texts(values: pd.Series) -> str:
    if (decimal_commas(values).any() or values.str.contains(".", regex=False).any()) and values.str.fullmatch(
            _NUMBER).all():
        return "number"
    if values.str.contains("|", regex=False).mean() > 0.1 or any(_is_list(values, mark) for mark in ";,"):
        return "multi"
    if values.str.contains(_DATE).mean() > 0.9 and moments_of(values).notna().mean() > 0.9:
        return "date"
    words = values.str.count(r"\S+")
    distinct = values.nunique() / max(len(values), 1)
    return "text" if words.mean() >= 1.5 and distinct > 0.5 and len(values) > 1 else "category"


def _is_list(values: pd.Series, mark: str) -> bool:
    """Return whether texts are lists of a few values that come again and again, such as red;big;eco.

    A comma also stands in sentences and in names: there the parts are long, or do not repeat, or are as many each time.
    """
    parts = values.str.split(mark)
    counts, single = parts.map(len), parts.explode().str.strip()
    if (counts > 1).mean() <= 0.1 or (mark == "," and counts.nunique() < 2):
        return False
    return bool(single.str.count(r"\S+").mean() <= 3 and single.nunique() * 3 <= len(single))
