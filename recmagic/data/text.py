"""Texts as codes: the set of words of each text, or its words in order."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from recmagic.data.column import Column
from recmagic.data.encoders import Coded, Encoded, flat, spread
from recmagic.errors import DataError

_WORD = re.compile(r"\w+(?:['’]\w+)*")


@dataclass(frozen=True)
class Words(Coded):
    """The distinct words of a text: int32 (rows, width), padded with 0 on the right."""

    width: int = 1

    def encode(self, raw: pd.Series) -> Encoded:
        """Return int32 (rows, width) codes and which rows held no word; words past the width are left out."""
        lists = [list(dict.fromkeys(words_of(text)))[: self.width] for text in raw]
        return spread(self.lookup.codes(flat(lists)), lists, self.width)


@dataclass(frozen=True)
class Tokens(Coded):
    """The first `length` words of a text in order: int32 (rows, length), padded with 0 on the left."""

    length: int = 1

    def encode(self, raw: pd.Series) -> Encoded:
        """Return int32 (rows, length) codes and which rows held no word."""
        lists = [words_of(text)[: self.length] for text in raw]
        return spread(self.lookup.codes(flat(lists)), lists, self.length, left=True)


def words(column: Column, training: NDArray[np.bool_]) -> Column:
    """Return a text column as a multi-valued one of its lower-cased words, known from the training rows, bool (rows,).

    Raises DataError at a column that is no text.
    """
    _check(column, "words")
    width = max((len(set(words_of(text))) for text in column.values), default=1)
    return _coded(column, Words(_vocabulary(column.values[training]), width=max(width, 1)), "multi")


def tokens(column: Column, length: int, training: NDArray[np.bool_]) -> Column:
    """Return a text column as sequences of its first `length` words, known from the training rows, bool (rows,).

    The column is of kind "tokens": int32 (rows, length), padded with 0 on the left. Raises DataError at a column that
    is no text, and at a length below 1.
    """
    _check(column, "tokens")
    if length < 1:
        raise DataError(f"tokens({column.name}, {length}) has no room for a word.", "The length is 1 or more.")
    return _coded(column, Tokens(_vocabulary(column.values[training]), length=length), "tokens")


def words_of(text: object) -> list[str]:
    """Return the lower-cased words of a text, in order; [] where it is missing."""
    return _WORD.findall(text.lower()) if isinstance(text, str) else []


def _vocabulary(texts: Iterable[object]) -> tuple[object, ...]:
    return (None, *sorted({word for text in texts for word in words_of(text)}))


def _coded(column: Column, encoder: Words | Tokens, kind: str) -> Column:
    values, missing = encoder.encode(pd.Series(column.values, dtype=object))
    return replace(column, kind=kind, values=values, missing=missing, encoder=encoder)


def _check(column: Column, word: str) -> None:
    if column.kind != "text":
        raise DataError(f"{word}({column.name}) needs a text column, and '{column.name}' is of kind {column.kind}.",
                        f'Load the data with types={{"{column.source}": "text"}}.')
