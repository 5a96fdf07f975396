"""What is asked of a model: lists for whom, how long, among which items, as of when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recmagic.data.dataset import Dataset
from recmagic.data.interactions import PARTS
from recmagic.data.split import ALL_PARTS
from recmagic.errors import DataError, ModelError, did_you_mean
from recmagic.evaluation.filtering import matching
from recmagic.evaluation.task import HISTORY


@dataclass(frozen=True)
class Request:
    """What is asked: for whom, how many, among which items, and what is known of a new user or of the situation.

    `as_of` "test" or "valid": only what came before that part is known and hidden, so that a list can have hits in it.
    """

    users: Iterable[Any] | None = None
    k: int = 10
    among: Iterable[Any] | None = None
    include_seen: bool = False
    liked: Iterable[Any] | None = None
    features: Mapping[str, Any] | None = None
    context: Mapping[str, Any] | None = None
    where: str | None = None
    as_of: str | None = None
    diversity: float = 0.0

    def __post_init__(self) -> None:
        for name in ("users", "among", "liked"):  # what is asked may be asked again, and an iterator runs but once
            value = getattr(self, name)
            if value is not None and not isinstance(value, (str, int, np.generic)):
                object.__setattr__(self, name, list(value))

    def check(self) -> None:
        """Raise DataError at a number or word that cannot be, ModelError at what excludes each other."""
        if self.k < 1:
            raise DataError(f"A list of {self.k} items is none.", "Ask for -k 10.")
        if not 0 <= self.diversity <= 1:
            raise DataError(f"A diversity of {self.diversity:g} is none.", "It goes from 0, the best items, to 1.")
        if self.as_of not in (None, *HISTORY):
            raise DataError(f"There is no part '{self.as_of}' that a list could be made as of.",
                            'Take "test" or "valid".')
        if self.new and self.users is not None:
            raise ModelError("A new user has no id.", "Give either users, or liked and features.")
        if self.new and self.as_of is not None:
            raise ModelError(f"A new user has nothing in the {self.as_of} part.", "Leave as_of out, or name users.")

    @property
    def new(self) -> bool:
        """Whether it is for somebody whom the data does not know."""
        return self.liked is not None or self.features is not None

    @property
    def known_parts(self) -> tuple[int, ...]:
        """The parts of the data that are known and hidden: what is recommended now comes after everything known."""
        return ALL_PARTS if self.as_of is None else tuple(PARTS[part] for part in HISTORY[self.as_of])

    def barred(self, data: Dataset) -> NDArray[np.bool_]:
        """Return which items must not be listed for anybody, bool (items + 1,); DataError if no item fits."""
        barred = np.zeros(data.items.count + 1, bool)
        if self.among is not None:
            barred[:] = True
            barred[item_rows(data, self.among)] = False
        if self.where is not None:
            fit = matching(data, self.where)
            if not fit.any():
                hint = "Write a condition such as year > 2000, or a word of a title or a category."
                raise DataError(f"No item fits '{self.where}'.", hint)
            barred |= ~fit
        barred[0] = True
        return barred


def user_rows(data: Dataset, users: Iterable[Any] | None) -> NDArray[np.int32]:
    """Return the rows of user ids, of all users for None; DataError at one that is unknown."""
    if users is None:
        return np.arange(1, data.users.count + 1, dtype=np.int32)
    wanted = [users] if isinstance(users, (str, int, np.generic)) else list(users)
    if not wanted:
        raise DataError("There is no user to recommend to.", "Give at least one id.")
    rows = data.users.rows(wanted)
    for place in np.flatnonzero(rows == 0):
        some = ", ".join(str(each) for each in data.users.ids[1:4])
        hint = did_you_mean(str(wanted[place]), data.users.ids[1:]) or f"Ids look like {some}."
        raise DataError(f"There is no user '{wanted[place]}' in {data.name}.", hint)
    return rows


def item_rows(data: Dataset, items: Iterable[Any]) -> NDArray[np.int32]:
    """Return the rows of item ids; DataError at one that is unknown, or where there is none."""
    wanted = list(items)
    rows = data.items.rows(wanted)
    if not len(rows) or (rows == 0).any():
        missing = wanted[int(np.argmin(rows))] if len(rows) else ""
        raise DataError(f"There is no item '{missing}' in {data.name}.",
                        did_you_mean(str(missing), data.items.ids[1:]) or "Give item ids of the data.")
    return rows
