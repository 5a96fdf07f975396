"""What the beyond-accuracy metrics know of the items: how popular each is in training, and its values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from recmagic.data.dataset import Dataset


@dataclass(frozen=True)
class Catalogue:
    """All items: `counts` (items + 1,) their positives in training, `users` the number of training users.

    `values` bool (items + 1, V) says which values of its multi-valued columns (genres, tags) an item has; None if there
    are no such columns.
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
        training = data.interactions.relevant(0)
        counts = np.asarray(training.sum(axis=0), dtype=np.int64).ravel()
        return cls(counts, int(data.users.warm.sum()), _item_values(data))


def _item_values(data: Dataset) -> NDArray[np.bool_] | None:
    """Return one column of flags for each value of each multi-valued column of the items."""
    flags = []
    for column in data.items.columns.values():
        if column.kind == "multi" and column.side == "item":
            table = np.zeros((len(column.values), column.size), dtype=bool)
            np.put_along_axis(table, column.values.astype(np.int64), True, axis=1)
            flags.append(table[:, 1:])
    return np.concatenate(flags, axis=1) if flags else None
