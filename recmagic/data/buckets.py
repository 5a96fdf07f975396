"""A number as a category: buckets that each hold about as many of the training values."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from recmagic.data.column import Column
from recmagic.data.encoders import Encoded, Encoder
from recmagic.data.lookup import Vocabulary
from recmagic.errors import DataError

MOST = 10_000  # buckets; so fine a number is better taken as it is


@dataclass(frozen=True)
class Buckets:
    """Codes 1, 2, ... by the inner edges (standardised values) that a number lies between, 0 where it is missing."""

    number: Encoder
    edges: tuple[float, ...]
    vocabulary: Vocabulary
    mean: float = 0.0
    deviation: float = 1.0

    def encode(self, raw: pd.Series) -> Encoded:
        """Return int32 (rows,) codes and which rows were missing."""
        return self.codes(*self.number.encode(raw))

    def codes(self, values: NDArray[np.float32], missing: NDArray[np.bool_]) -> Encoded:
        """Return int32 (rows,) codes of standardised values, and `missing` as it is."""
        found = np.searchsorted(np.array(self.edges, dtype=np.float32), values, side="right") + 1
        return np.where(missing, 0, found).astype(np.int32), missing


def buckets(column: Column, count: int, training: NDArray[np.bool_]) -> Column:
    """Return a number or date as a category of `count` quantile buckets of the training rows, bool (rows,).

    Fewer buckets come out where many values are equal. Raises DataError at another kind of column, and a count below 2
    or above 10,000.
    """
    if column.kind not in ("number", "date"):
        raise DataError(f"buckets({column.name}) needs a number, and '{column.name}' is of kind {column.kind}.",
                        f'Load the data with types={{"{column.source}": "number"}}.')
    if count > MOST:
        raise DataError(f"buckets({column.name}, {count}) are more than {MOST:,}.",
                        f"Take fewer, or the number itself: number({column.name}).")
    if count < 2:
        raise DataError(f"buckets({column.name}, {count}) parts nothing.", "The count is 2 or more.")
    known = column.values[training & ~column.missing]
    quantiles = np.quantile(known, np.arange(1, count) / count) if known.size else np.zeros(0)
    edges = tuple(float(edge) for edge in np.unique(quantiles.astype(np.float32)) if edge > known.min())
    labels = _labels([edge * column.deviation + column.mean for edge in edges])
    encoder = Buckets(column.encoder, edges, (None, *labels))
    values, missing = encoder.codes(column.values, column.missing)
    return replace(column, kind="category", values=values, missing=missing, encoder=encoder)


def _labels(edges: list[float]) -> list[str]:
    """Return what each bucket holds, in the column's own units."""
    told = [f"{edge:.6g}" for edge in edges]
    if not told:
        return ["any"]
    between = [f"{low} to {high}" for low, high in pairwise(told)]
    return [f"below {told[0]}", *between, f"{told[-1]} or more"]
