"""Columns as JSON and arrays: what a column has learnt is a small tree of plain values, and its rows are an array."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recmagic.data.buckets import Buckets
from recmagic.data.column import KINDS, Column
from recmagic.data.encoders import Categories, DateParts, Dates, Lists, Numbers, Texts
from recmagic.data.text import Tokens, Words
from recmagic.saving.shape import array, need, taken, within

_KINDS = (Categories, Lists, Numbers, Dates, DateParts, Texts, Buckets, Words, Tokens)
ENCODERS = {each.__name__: each for each in _KINDS}
_TEXTS = ("name", "side", "kind", "source")
_CODED = {"id": 1, "category": 1, "multi": 2, "tokens": 2}  # kinds of codes, and the dimensions of their values
_PLAIN = {"str": (str,), "int": (int,), "float": (int, float)}

Arrays = dict[str, NDArray[Any]]


def write_column(column: Column, place: str, arrays: Arrays) -> dict[str, Any]:
    """Return a column as JSON; its values join the arrays under its place, but a text's, which are in the JSON."""
    told = write_learnt(column)
    arrays[f"{place}/missing"] = column.missing
    if column.kind == "text":
        return told | {"texts": column.values.tolist()}
    arrays[f"{place}/values"] = column.values
    return told


def read_column(told: Any, place: str, arrays: Mapping[str, NDArray[Any]], rows: int) -> Column:
    """Return the column of so many rows that `write_column` has written."""
    column = read_learnt(told, place)
    kind = column.kind
    missing = array(arrays, f"{place}/missing", bool, (rows,))
    if kind == "text":
        texts = taken(told, "texts", list, place)
        need(len(texts) == rows and all(isinstance(each, str) for each in texts), f"{place}.texts", f"{rows} texts")
        values: NDArray[Any] = np.array(texts, dtype=object)
    elif kind in _CODED:
        values = array(arrays, f"{place}/values", np.int32, (rows, *[None] * (_CODED[kind] - 1)))
        within(values, column.size, f"{place}/values")
    else:
        values = array(arrays, f"{place}/values", np.float32, (rows,))
    return replace(column, values=values, missing=missing)


def write_learnt(column: Column) -> dict[str, Any]:
    """Return as JSON what a column is and has learnt, without its rows."""
    return {name: getattr(column, name) for name in _TEXTS} | {"encoder": write_encoder(column.encoder)}


def read_learnt(told: Any, place: str) -> Column:
    """Return the column that `write_learnt` has written, without rows."""
    name, side, kind, source = (taken(told, key, str, place) for key in _TEXTS)
    need(kind in (*KINDS, "tokens"), f"{place}.kind", "a kind of column")
    encoder = read_encoder(taken(told, "encoder", dict, place), f"{place}.encoder")
    return Column(name, side, kind, np.zeros(0), np.zeros(0, bool), encoder, source)


def write_encoder(encoder: Any) -> dict[str, Any]:
    """Return what a column has learnt as JSON."""
    told: dict[str, Any] = {"type": type(encoder).__name__}
    for each in fields(encoder):
        value = getattr(encoder, each.name)
        told[each.name] = write_encoder(value) if each.name == "number" else (
            list(value) if isinstance(value, tuple) else value)
    return told


def read_encoder(told: Any, place: str) -> Any:
    """Return what a column has learnt, each piece of it checked."""
    kind = taken(told, "type", str, place)
    need(kind in ENCODERS, f"{place}.type", "a kind of encoder")
    wanted = {each.name: str(each.type) for each in fields(ENCODERS[kind])}
    need(set(told) == {"type", *wanted}, place, f"a {kind} with {', '.join(wanted)}")
    return ENCODERS[kind](**{name: _piece(told[name], wanted[name], f"{place}.{name}") for name in wanted})


def _piece(value: Any, kind: str, place: str) -> Any:
    if kind == "Encoder":
        return read_encoder(value, place)
    if kind == "Vocabulary":
        return vocabulary(value, place)
    if kind.startswith("tuple"):
        need(isinstance(value, list) and all(type(each) in (int, float) for each in value), place, "numbers")
        return tuple(float(each) for each in value)
    need(type(value) in _PLAIN[kind] and value == value, place, kind)
    return value


def vocabulary(value: Any, place: str) -> tuple[Any, ...]:
    """Return a vocabulary: nothing, or None and then different whole numbers or texts."""
    need(isinstance(value, list), place, "a list")
    if value:
        known = value[1:]
        fits = all(type(each) is str or (type(each) is int and abs(each) < 2**63) for each in known)
        need(value[0] is None and fits and len({*known}) == len(known), place, "different numbers or texts")
    return tuple(value)
