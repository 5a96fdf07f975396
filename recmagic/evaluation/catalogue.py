"""What the beyond-accuracy metrics know of the items: how popular each is in training, and its values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recmagic.data.dataset import Dataset

MOST_VALUES = 256


@dataclass(frozen=True)
class Catalogue:
    """All items: `counts` (items + 1,) their positives in training, `users` the number of training users.

    `values` bool (items + 1, V) says which values of its multi-valued columns of at most 256 values (genres, not free
    tags) an item has; None if there are no such columns.
    """

    counts: NDArray[np.int64]
    users: int
    values: NDArray[np.bool_] | None = None

    @property
    def item_count(self) -> int:
        """The number of items, without the unknown one."""
        return len(self.counts) - 1

    @classmethod
    def of(cls, data: Dataset) -> Catalogue:
        """Count the training part of a data set."""
        training = data.interactions.relevant("train")
        counts = np.bincount(training.indices, minlength=training.shape[1]).astype(np.int64)
        return cls(counts, int(data.users.warm.sum()), _item_values(data))


def _item_values(data: Dataset) -> NDArray[np.bool_] | None:
    """Return one column of flags for each value of each multi-valued column of the items."""
    flags = []
    for column in data.items.columns.values():
        if column.kind == "multi" and column.size <= MOST_VALUES:
            table = np.zeros((len(column.values), column.size), dtype=bool)
            np.put_along_axis(table, column.values.astype(np.int64), True, axis=1)
            flags.append(table[:, 1:])
    return np.concatenate(flags, axis=1) if flags else None
