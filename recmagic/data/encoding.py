"""Raw columns into typed ones: the kind says how, the training rows say what is learnt."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from recmagic.data.cells import DATE_PARTS, seconds
from recmagic.data.column import Column
from recmagic.data.encoders import Categories, DateParts, Dates, Encoder, Lists, Numbers, Texts


def encode_frame(
    frame: pd.DataFrame, kinds: dict[str, str], side: str, training: NDArray[np.bool_]
) -> dict[str, Column]:
    """Return the typed columns of a frame by name, each learnt from the training rows, bool (rows,).

    A date also gives the categories NAME_year, NAME_month, NAME_weekday and, if there is a time of day, NAME_hour.
    """
    columns: dict[str, Column] = {}
    for name, kind in kinds.items():
        raw = frame[name]
        columns[name] = applied(_learnt(raw, kind, name, training), raw, name, side, kind)
        if kind == "date":
            for part in (part for part in _parts(raw, name) if f"{name}_{part}" not in kinds):
                encoder = DateParts.learnt(raw[training], part, name)
                columns[f"{name}_{part}"] = applied(encoder, raw, f"{name}_{part}", side, "category", source=name)
    return columns


def applied(encoder: Encoder, raw: pd.Series, name: str, side: str, kind: str, source: str = "") -> Column:
    """Return the column that the encoder makes of these raw values."""
    values, missing = encoder.encode(raw)
    return Column(name, side, kind, values, missing, encoder, source or name)


def with_unknown(column: Column) -> Column:
    """Return the column of an entity table with the unknown row 0 put before the others."""
    blank = np.full((1, *column.values.shape[1:]), "" if column.kind == "text" else 0, dtype=column.values.dtype)
    return replace(
        column,
        values=np.concatenate([blank, column.values]),
        missing=np.concatenate([np.ones(1, dtype=bool), column.missing]),
    )


def _learnt(raw: pd.Series, kind: str, name: str, training: NDArray[np.bool_]) -> Encoder:
    if kind == "multi":
        return Lists.learnt(raw, raw[training])
    if kind == "number":
        return Numbers.learnt(raw[training], name)
    if kind == "date":
        return Dates.learnt(raw[training], name)
    return Texts() if kind == "text" else Categories.learnt(raw[training])


def _parts(raw: pd.Series, name: str) -> tuple[str, ...]:
    timed = bool(np.nanmax(seconds(raw, name) % 86400, initial=0.0) > 0)
    return DATE_PARTS if timed else DATE_PARTS[:-1]
