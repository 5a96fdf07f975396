"""A user whom the data does not know: what they like as a log of their own, what they are as a row of their own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recmagic.compiler.recommender import Recommender
from recmagic.data.column import Column
from recmagic.data.dataset import Dataset
from recmagic.errors import DataError, ModelError, did_you_mean

Arrays = dict[str, NDArray[Any]]
NEW = "new user"
ROOM = 64  # items that a new user may like before anything is compiled again


def check_can_meet(program: Recommender, liked: bool, features: bool) -> None:
    """Raise ModelError if the cell knows users by their id only, or has no use for what is given."""
    columns = ", ".join(column.name for column in program.user_columns)
    if not program.looks_back and not program.user_columns:
        raise ModelError("This model knows users by their id only, so it has nothing to say to a new one.",
                         "Give its user side a history(item, 50), or a column such as a category of the user.")
    if liked and not program.looks_back:
        raise ModelError("This model does not look at what a user has liked.",
                         f"Say what the user is: --features {columns}; or give the cell a history(item, 50).")
    if features and not program.user_columns:
        raise ModelError("This model uses no column of the user.", "Say what the user likes: --new \"a title\".")


def liked_rows(data: Dataset, liked: Iterable[Any]) -> NDArray[np.int32]:
    """Return the item rows (n,) of ids or titles; DataError at one that is no item."""
    wanted = list(liked)
    rows, label = data.items.named(wanted), data.items.label
    for place in np.flatnonzero(rows == 0):
        titles = str(wanted[place]).split(",")
        if len(titles) > 1 and data.items.named([title.strip() for title in titles]).all():
            raise DataError(f"There is no item '{wanted[place]}', but these are several.", "Write ; between them.")
        names = [str(each) for each in (data.items.frame[label] if label else data.items.ids[1:])]
        holding = next((each for each in names if str(wanted[place]).casefold() in each.casefold()), None)
        hint = did_you_mean(str(wanted[place]), names) or (f"Did you mean {holding}?" if holding else "")
        raise DataError(f"There is no item '{wanted[place]}'.", hint or "Give item ids or titles of the data.")
    return rows


def unseen(columns: Iterable[Column], given: Mapping[str, Any]) -> list[str]:
    """Return a note for each category that is given and that training has not seen: it may be a slip of the pen."""
    notes = []
    for column in columns:
        value = given.get(column.source)
        given_raw = column.kind == "category" and column.name == column.source and value is not None
        if given_raw and not column.encode([value])[0]:
            hint = did_you_mean(str(value), [str(each) for each in column.vocabulary[1:]])
            fact = f"No training row has the {column.name} '{value}', so it counts as unknown."
            notes.append(f"{fact} {hint}".strip())
    return notes


def newcomer_arrays(program: Recommender, liked: NDArray[np.int32], features: Mapping[str, Any]) -> Arrays:
    """Return the arrays that put a new user in row 0: a log of what they like, and their encoded columns.

    Columns of the interaction are missing in such a log.
    """
    data = program.data
    stop = np.zeros(data.users.count + 1, np.int32)
    stop[0] = len(liked)
    # Room for more, which nobody reads: models are compiled for a size, and a what-if adds one item after the other.
    room = np.zeros(max(ROOM, 1 << max(0, len(liked) - 1).bit_length()), np.int32)
    log = room.copy()
    log[: len(liked)] = liked
    arrays: Arrays = {"log/item": log, "log/user": room, "log/stop": stop, "log/start": np.zeros_like(stop)}
    data.encode_user(dict(features))  # names what is no column of the user
    for table, column in program.tables.items():
        if column.side == "interaction":
            arrays[table] = np.zeros((len(log), *column.values.shape[1:]), column.values.dtype)
        elif column.side == "user":
            values = column.values.copy()
            values[0] = column.encode([features.get(column.source)])[0]
            arrays[table] = values
    return arrays
