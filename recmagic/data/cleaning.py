"""Dropping rows that cannot or shall not be used, with an account of what was dropped and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from recmagic.data.conditions import holds
from recmagic.data.lookup import plain
from recmagic.data.roles import ITEM, RATING, TIME, USER
from recmagic.errors import DataError, did_you_mean

DUPLICATES = ("last", "first", "sum")


class Dropped(NamedTuple):
    """One line of the account: what was dropped, why, and how many."""

    what: str
    why: str
    dropped: int


@dataclass(frozen=True)
class Cleaning:
    """What to drop: rows where `keep` does not hold, repeated pairs but one, users and items with too few rows."""

    keep: str | None = None
    duplicates: str = "last"
    min_user: int = 0
    min_item: int = 0

    def __post_init__(self) -> None:
        if self.duplicates not in DUPLICATES:
            hint = did_you_mean(self.duplicates, DUPLICATES) or f"The choices are: {', '.join(DUPLICATES)}."
            raise DataError(f"There is no way '{self.duplicates}' to treat duplicates.", hint)


def clean(frame: pd.DataFrame, wish: Cleaning, aliases: dict[str, str]) -> tuple[pd.DataFrame, list[Dropped]]:
    """Return the rows that stay (their index is the place in the file) and the account, one line a reason that hit.

    In this order: rows with no user, item, rating or time; rows where `keep` does not hold; duplicates; users and items
    with fewer rows than asked for, until all that stay have enough. Raises DataError where nothing stays.
    """
    account: list[Dropped] = []

    def kept(rows: pd.DataFrame, mask: NDArray[np.bool_], why: str) -> pd.DataFrame:
        if not mask.all():
            account.append(Dropped("interactions", why, int((~mask).sum())))
        return rows if mask.all() else rows[mask]

    for name, why in ((USER, "no user"), (ITEM, "no item"), (RATING, "no rating"), (TIME, "no time")):
        if name in frame:
            missing = plain(frame[name])[1] if name in (USER, ITEM) else frame[name].isna().to_numpy(dtype=bool)
            frame = kept(frame, ~missing, why)
    if wish.keep:
        frame = kept(frame, holds(wish.keep, frame, aliases, "keep"), f"not {wish.keep}")
    whole = len(frame)
    frame = merged(frame, wish.duplicates)
    if len(frame) < whole:
        account.append(Dropped("interactions", f"a user and item again ({wish.duplicates} kept)", whole - len(frame)))
    frame = kept(frame, enough(frame, wish.min_user, wish.min_item), _few(wish))
    if len(frame) == 0:
        told = "; ".join(f"{line.dropped:,} {line.why}" for line in account)
        raise DataError(f"No interaction is left after cleaning ({told}).", "Clean less: keep, min_user, min_item.")
    return frame, account


def merged(frame: pd.DataFrame, duplicates: str) -> pd.DataFrame:
    """Keep one row a user and item: the first or last in time (then in the file), or the last with ratings summed.

    Without ratings, "sum" counts the rows of the pair into a new rating.
    """
    if duplicates == "sum" and RATING not in frame:
        frame = frame.assign(**{RATING: 1.0})
    pair = _pairs(frame)
    if len(pd.unique(pair)) == len(pair):
        return frame
    time = frame[TIME].to_numpy() if TIME in frame else np.zeros(len(frame))
    ordered = np.lexsort((np.arange(len(frame)), time))
    again = pd.Series(pair[ordered]).duplicated(keep="first" if duplicates == "first" else "last").to_numpy()
    stays = np.sort(ordered[~again])
    result = frame.iloc[stays]
    if duplicates == "sum":
        sums = frame[RATING].groupby(pair).sum()
        result = result.assign(**{RATING: sums.reindex(pair[stays]).to_numpy()})
    return result


def enough(frame: pd.DataFrame, min_user: int, min_item: int) -> NDArray[np.bool_]:
    """Return the rows of the k-core, bool (rows,): dropped again and again until every user and item has enough."""
    users, items = _factorized(frame[USER]), _factorized(frame[ITEM])
    stays = np.ones(len(frame), dtype=bool)
    while min_user > 1 or min_item > 1:
        user_counts, item_counts = np.bincount(users[stays]), np.bincount(items[stays])
        few = np.zeros(len(frame), dtype=bool)
        few[stays] = (user_counts[users[stays]] < min_user) | (item_counts[items[stays]] < min_item)
        if not few.any():
            break
        stays &= ~few
    return stays


def _few(wish: Cleaning) -> str:
    wanted = [(wish.min_user, "a user"), (wish.min_item, "an item")]
    return " or ".join(f"{side} with fewer than {least}" for least, side in wanted if least > 1)


def _factorized(raw: pd.Series) -> NDArray[np.int64]:
    return np.asarray(pd.factorize(plain(raw)[0])[0], dtype=np.int64)


def _pairs(frame: pd.DataFrame) -> NDArray[np.int64]:
    items = _factorized(frame[ITEM])
    return _factorized(frame[USER]) * (int(items.max(initial=0)) + 1) + items
