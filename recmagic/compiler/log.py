"""The interactions that a model may look back on, as arrays in which a window is a range of numbers."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from recmagic.data.column import Column
from recmagic.data.dataset import Dataset


def log_arrays(data: Dataset, parts: Iterable[int], columns: Iterable[Column],
               stretch: slice = slice(None)) -> dict[str, NDArray[np.generic]]:
    """Return the log of some parts: `user` and `item` rows (n,), each user's `start` and `stop` (users + 1,), columns.

    It is sorted by user and time, so that a user's interactions before number n are the numbers start[user] to n - 1.
    A `stretch` of the interactions holds whole users.
    """
    events = data.interactions
    chosen = np.isin(events.part[stretch], list(parts))
    users = events.user_row[stretch][chosen]
    stop = np.cumsum(np.bincount(users, minlength=data.users.count + 1)).astype(np.int32)
    arrays = {
        "log/user": users,
        "log/item": events.item_row[stretch][chosen],
        "log/start": np.concatenate([[0], stop[:-1]]).astype(np.int32),
        "log/stop": stop,
    }
    return arrays | {
        f"log/{column.name}": column.values[stretch][chosen] for column in columns if column.side == "interaction"}


def entity_arrays(columns: Iterable[Column]) -> dict[str, NDArray[np.generic]]:
    """Return the tables of users and items (rows, ...), one a column, that the towers look up."""
    return {f"{column.side}/{column.name}": column.values for column in columns if column.side != "interaction"}
