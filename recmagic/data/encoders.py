"""How raw values of each kind become arrays: what was learnt from the training part, and its use on any values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from recmagic.data.cells import date_part, numbers, seconds
from recmagic.data.lookup import Lookup, Vocabulary, learn, plain

Encoded = tuple[NDArray[Any], NDArray[np.bool_]]  # values (rows, ...) and which rows were missing
SEPARATORS = ("|", ";", ",")
_ROUNDING = 1e-12  # of equal numbers, mean and deviation are off by about 1e-16 of their size
_LARGEST = np.finfo(np.float32).max


class Encoder(Protocol):
    """What a column has learnt: a vocabulary or a mean and deviation, and how to encode raw values by it."""

    @property
    def vocabulary(self) -> Vocabulary: ...
    @property
    def mean(self) -> float: ...
    @property
    def deviation(self) -> float: ...
    def encode(self, raw: pd.Series) -> Encoded:
        """Return the values (rows, ...) and which rows were missing."""
        ...


@dataclass(frozen=True)
class Coded:
    """A vocabulary, and no statistics."""

    vocabulary: Vocabulary
    mean: float = 0.0
    deviation: float = 1.0

    @cached_property
    def lookup(self) -> Lookup:
        """The codes of the vocabulary."""
        return Lookup(self.vocabulary)


@dataclass(frozen=True)
class Categories(Coded):
    """One value a row: int32 (rows,) codes, 0 where unknown or missing."""

    @classmethod
    def learnt(cls, raw: pd.Series) -> Categories:
        """Take the vocabulary of these (training) values."""
        return cls(learn(raw))

    def encode(self, raw: pd.Series) -> Encoded:
        """Return int32 (rows,) codes and which rows were missing."""
        return self.lookup.codes(raw), plain(raw)[1]


@dataclass(frozen=True)
class Lists(Coded):
    """Several values a row, as a list or a text with a separator: int32 (rows, width), padded with 0 on the right."""

    separator: str = "|"
    width: int = 1

    @classmethod
    def learnt(cls, raw: pd.Series, training: pd.Series) -> Lists:
        """Take the vocabulary of the training rows, and the width and separator of all rows."""
        separator = separator_of(raw)
        width = max((len(values) for values in listed(raw, separator)), default=1)
        return cls(learn(flat(listed(training, separator))), separator=separator, width=max(width, 1))

    def encode(self, raw: pd.Series) -> Encoded:
        """Return int32 (rows, width) codes and which rows held no value; values past the width are left out."""
        lists = [values[: self.width] for values in listed(raw, self.separator)]
        return spread(self.lookup.codes(flat(lists)), lists, self.width)


@dataclass(frozen=True)
class Numbers:
    """A number a row: float32 (rows,), standardised, 0 (the mean) where missing."""

    mean: float
    deviation: float
    name: str = ""
    vocabulary: Vocabulary = ()

    @classmethod
    def learnt(cls, raw: pd.Series, name: str) -> Numbers:
        """Take mean and deviation of these (training) values."""
        return cls(*statistics(numbers(raw, name)), name)

    def encode(self, raw: pd.Series) -> Encoded:
        """Return float32 (rows,) and which rows were missing; DataError at a cell that is no number."""
        return standardised(numbers(raw, self.name), self)


@dataclass(frozen=True)
class Dates(Numbers):
    """A point in time a row, in seconds, standardised like a number."""

    @classmethod
    def learnt(cls, raw: pd.Series, name: str) -> Dates:
        """Take mean and deviation of these (training) times."""
        return cls(*statistics(seconds(raw, name)), name)

    def encode(self, raw: pd.Series) -> Encoded:
        """Return float32 (rows,) and which rows were missing; DataError at a cell that is no time."""
        return standardised(seconds(raw, self.name), self)


@dataclass(frozen=True)
class DateParts(Coded):
    """The year, month, weekday or hour of a date, as categories."""

    part: str = "year"
    name: str = ""

    @classmethod
    def learnt(cls, raw: pd.Series, part: str, name: str) -> DateParts:
        """Take the vocabulary of this part of these (training) times."""
        return cls(learn(pd.Series(date_part(seconds(raw, name), part))), part=part, name=name)

    def encode(self, raw: pd.Series) -> Encoded:
        """Return int32 (rows,) codes and which rows were missing."""
        parts = date_part(seconds(raw, self.name), self.part)
        return self.lookup.codes(pd.Series(parts)), np.isnan(parts)


@dataclass(frozen=True)
class Texts:
    """A text a row, kept as it is: object (rows,) of str, "" where missing."""

    vocabulary: Vocabulary = ()
    mean: float = 0.0
    deviation: float = 1.0

    def encode(self, raw: pd.Series) -> Encoded:
        """Return object (rows,) of str and which rows were missing."""
        missing = raw.isna().to_numpy(dtype=bool)
        return np.array(["" if gone else str(value) for value, gone in zip(raw, missing)], dtype=object), missing


def statistics(values: NDArray[np.float64]) -> tuple[float, float]:
    """Return mean and standard deviation of what is not missing; one of 0, or of rounding alone, counts as 1."""
    known = values[~np.isnan(values)]
    if not known.size:
        return 0.0, 1.0
    mean, deviation = float(known.mean()), float(known.std())
    return mean, deviation if deviation > _ROUNDING * float(np.abs(known).max()) else 1.0


def standardised(values: NDArray[np.float64], learnt: Numbers) -> Encoded:
    """Return (values - mean) / deviation as float32, 0 where missing, and which were missing."""
    missing = np.isnan(values)
    found = np.where(missing, 0.0, (values - learnt.mean) / learnt.deviation)
    return np.clip(found, -_LARGEST, _LARGEST).astype(np.float32), missing


def separator_of(raw: pd.Series) -> str:
    """Return the separator that most of the texts hold, "|" if none does."""
    texts = raw[raw.map(lambda value: isinstance(value, str))].astype(str)
    return max(SEPARATORS, key=lambda sign: int(texts.str.contains(sign, regex=False).sum()))


def listed(raw: pd.Series, separator: str) -> list[list[Any]]:
    """Return the values of each row: of a text what the separator parts, of a list its members; [] where missing."""
    parted: dict[str, list[Any]] = {}  # texts repeat themselves: a million items have a thousand sets of genres

    def members(value: Any) -> list[Any]:
        if not isinstance(value, str):
            return _members(value, separator)
        if value not in parted:
            parted[value] = _members(value, separator)
        return parted[value]

    return [members(value) for value in raw]


def _members(value: Any, separator: str) -> list[Any]:
    if isinstance(value, str):
        return [piece.strip() for piece in value.split(separator) if piece.strip()]
    if isinstance(value, Iterable):
        return [member for member in value if not _absent(member)]
    return [] if _absent(value) else [value]


def _absent(value: Any) -> bool:
    return bool(pd.api.types.is_scalar(value) and pd.isna(value))


def flat(lists: list[list[Any]]) -> list[Any]:
    """Return all members of all lists, in order."""
    return [member for members in lists for member in members]


def spread(codes: NDArray[np.int32], lists: list[list[Any]], width: int, left: bool = False) -> Encoded:
    """Lay the flat codes of the lists into int32 (rows, width), padded with 0 on the right or left."""
    lengths = np.array([len(members) for members in lists], dtype=np.int64)
    rows = np.repeat(np.arange(len(lists)), lengths)
    places = np.arange(len(codes)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    values = np.zeros((len(lists), width), dtype=np.int32)
    values[rows, places + np.repeat(width - lengths, lengths) if left else places] = codes
    return values, lengths == 0
