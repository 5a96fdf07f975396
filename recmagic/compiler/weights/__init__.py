"""How much an interaction counts in the loss, one word a file; each is given the rows and returns a weight for each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recmagic.data.column import Column
from recmagic.data.dataset import Dataset
from recmagic.errors import DataError

MOST_NUMBERS = 100  # distinct numbers up to which each is a class of its own


@dataclass(frozen=True)
class Rows:
    """The interactions (n,) that are weighed; `counted` (n,) are the training examples, the only ones that are known.

    `targets` (n,) is what is predicted of each, NaN where unknown; None where its item is.
    """

    data: Dataset
    counted: NDArray[np.bool_]
    targets: NDArray[np.float32] | None

    def classes(self, column: Column | None) -> NDArray[np.int64]:
        """Return the class (n,) of each row: its value of a column, by default of what is predicted.

        Raises DataError at a column whose values are no classes.
        """
        if column is None:
            found = self.data.interactions.item_row if self.targets is None else self.targets
        elif column.kind in ("multi", "text"):
            raise DataError(f"A row has several values of '{column.name}', and it can be of one class only.",
                            "Take a column of ids, categories or a few numbers, such as item_id.")
        else:
            found = column.values if column.side == "interaction" else column.values[self._entities(column.side)]
            if column.kind in ("number", "date") and len(np.unique(found)) > MOST_NUMBERS:
                raise DataError(f"'{column.name}' has too many values to count rows by.",
                                f"Take a column of ids, categories or at most {MOST_NUMBERS} numbers.")
        return np.asarray(np.unique(found, return_inverse=True)[1])

    def _entities(self, side: str) -> NDArray[np.int32]:
        events = self.data.interactions
        return events.user_row if side == "user" else events.item_row

    def counts(self, classes: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return how many training examples are of the class of each row (n,), at least one."""
        counted = np.bincount(classes[self.counted], minlength=int(classes.max(initial=0)) + 1)
        return np.maximum(counted, 1)[classes]
