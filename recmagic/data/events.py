"""The interactions under the names that a cell uses, with ratings and times read, in the order of the file."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from recmagic.data.cells import numbers, seconds
from recmagic.data.ids import check_ids
from recmagic.data.roles import ITEM, RATING, ROLES, TIME, USER
from recmagic.errors import DataError


def events_of(table: pd.DataFrame, roles: dict[str, str], scale: tuple[float, float] | None) -> pd.DataFrame:
    """Return the interactions with the columns user_id, item_id, rating and timestamp (float64, NaN where missing).

    The further columns keep their names, or get "interaction_" before it where the name is a role's.
    Raises DataError at an id, rating or time that cannot be read, and at a rating outside `scale`.
    """
    if len(table) == 0:
        raise DataError("The table of interactions is empty.", "It needs one row an interaction: a user and an item.")
    named = {roles[option]: name for option, name in ROLES.items() if option in roles}
    others = {name: f"interaction_{name}" for name in table.columns if name in ROLES.values() and name not in named}
    frame = table.rename(columns=others | named).reset_index(drop=True)
    for option, name in (("user", USER), ("item", ITEM)):
        check_ids(frame[name], roles[option])
    if RATING in frame:
        frame[RATING] = _in_scale(numbers(frame[RATING], roles["rating"]), scale, roles["rating"])
    if TIME in frame:
        frame[TIME] = seconds(frame[TIME], roles["time"])
    return frame


def _in_scale(ratings: NDArray[np.float64], scale: tuple[float, float] | None, column: str) -> NDArray[np.float64]:
    if scale is not None:
        outside = np.flatnonzero((ratings < scale[0]) | (ratings > scale[1]))
        if outside.size:
            raise DataError(
                f"Row {outside[0] + 1}, column '{column}': the rating {ratings[outside[0]]:g} is outside the scale "
                f"{scale[0]:g} to {scale[1]:g}.",
                f"{outside.size:,} of {len(ratings):,} ratings are. Mend them, or declare another scale=(low, high).",
            )
    return ratings


