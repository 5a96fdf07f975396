"""A typed column: its values as an array, and how new raw values are encoded the same way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from recmagic.data.encoders import Encoder
from recmagic.data.lookup import Vocabulary

KINDS = ("id", "category", "multi", "number", "date", "text")
SIDES = ("user", "item", "interaction")


@dataclass(frozen=True, eq=False, repr=False)
class Column:
    """A column of the data.

    `values` has one row an entity (row 0 is the unknown one) or one row an interaction:

    - id, category: int32 (rows,) codes, 0 = unknown or missing
    - multi: int32 (rows, most values), padded with 0; tokens: int32 (rows, length), padded with 0 on the left
    - number, date: float32 (rows,), standardised by training statistics, 0 where missing (dates in seconds)
    - text: object (rows,) of str

    `source` is the name of the raw column that it is made from.
    """

    name: str
    side: str
    kind: str
    values: NDArray[Any]
    missing: NDArray[np.bool_]
    encoder: Encoder
    source: str = ""

    @property
    def vocabulary(self) -> Vocabulary:
        """code -> value, None at code 0; () for numbers, dates and texts."""
        return self.encoder.vocabulary

    @property
    def mean(self) -> float:
        """The training mean of a number or date."""
        return self.encoder.mean

    @property
    def deviation(self) -> float:
        """The training deviation of a number or date."""
        return self.encoder.deviation

    @property
    def size(self) -> int:
        """Number of codes, the unknown one included; 0 without a vocabulary."""
        return len(self.vocabulary)

    def encode(self, raw: Iterable[Any]) -> NDArray[Any]:
        """Encode new raw values as `values` are; DataError at a cell that cannot be read."""
        return self.encoder.encode(raw if isinstance(raw, pd.Series) else pd.Series(list(raw)))[0]

    def originals(self) -> NDArray[np.float64]:
        """Return a number, date or category of numbers in the table's own units, float64 (rows,), NaN where missing."""
        if self.vocabulary:
            truths = {"True": 1.0, "False": 0.0}
            units = [np.nan] + [truths.get(str(value), value) for value in self.vocabulary[1:]]
            numbers: NDArray[np.float64] = pd.to_numeric(pd.Series(units), errors="coerce").to_numpy(dtype=np.float64)
            return np.asarray(numbers[self.values], dtype=np.float64)
        found = self.values.astype(np.float64) * self.deviation + self.mean
        # Values are kept to about 7 digits: without rounding, a rating of 4 might come back as a little less than 4.
        return np.where(self.missing, np.nan, np.round(found, 6 - int(np.ceil(np.log10(self.deviation)))))
