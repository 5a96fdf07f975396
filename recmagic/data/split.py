"""Training, validation and test: which part each interaction belongs to, stable under ties."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from recmagic.data.cells import shown
from recmagic.errors import DataError, did_you_mean

TRAIN, VALID, TEST = 0, 1, 2
ALL_PARTS = (TRAIN, VALID, TEST)
PART_NAMES = ("train", "valid", "test")
Part = NDArray[np.int8]
_WARM_SHARE = 0.7  # below it, a global cut in time tests mostly users without a past
_MANY_TIES = 0.1
_PART_NAMES = {"train": TRAIN, "training": TRAIN, "valid": VALID, "validation": VALID, "val": VALID, "dev": VALID,
               "test": TEST, "testing": TEST, "0": TRAIN, "1": VALID, "2": TEST}


@dataclass(frozen=True)
class Sorted:
    """The interactions as a split sees them, sorted by (user_row, time, order); all arrays (n,).

    `time` is None without timestamps; `order` is the place in the file; `given` is the part a source gave, or None.
    """

    user_row: NDArray[np.int32]
    time: NDArray[np.float64] | None
    order: NDArray[np.int64]
    given: Part | None = None


def split(rows: Sorted, name: str | None, seed: int) -> tuple[Part, str, list[str]]:
    """Return the part of each row, int8 (n,), the name of the split that was used, and warnings.

    Without a name: "time" where there are timestamps and at least 70 % of the test users are warm, else "last" (and a
    warning says so); "random" without timestamps; "file" where the source gives one.
    Raises DataError at an unknown name, a split that the data cannot have, and an empty part.
    """
    warnings = tie_warnings(rows)
    if name is None:
        name, why = _default(rows)
        warnings += why
    if name not in _SPLITS:
        known = ", ".join(_SPLITS)
        raise DataError(f"There is no split '{name}'.", did_you_mean(name, _SPLITS) or f"The splits are: {known}.")
    part = _SPLITS[name](rows, seed)
    if name == "last" and rows.time is None:
        warnings.append("There are no times: the order of the rows stands for the order in which things happened.")
    return part, name, warnings + _refuse_empty(part, name)


def by_time(rows: Sorted, seed: int = 0) -> Part:
    """Cut all events at two points in time, 8:1:1 of the events; events of one second keep the file's order."""
    if rows.time is None:
        raise DataError("The split 'time' needs timestamps, and there are none.", "Name the column: time=..., --time.")
    place = np.empty(len(rows.order), dtype=np.int64)
    place[np.lexsort((rows.order, rows.time))] = np.arange(len(rows.order))
    return _tenths(place, len(rows.order))


def by_last(rows: Sorted, seed: int = 0) -> Part:
    """Test on each user's last event, validate on the one before; users with fewer than 3 stay in training."""
    first, count = _places(rows.user_row)
    left = count - 1 - (np.arange(len(first)) - first)
    part = np.where(left == 0, TEST, np.where(left == 1, VALID, TRAIN))
    return np.where(count < 3, TRAIN, part).astype(np.int8)


def by_random(rows: Sorted, seed: int = 0) -> Part:
    """Draw 8:1:1 of each user's events; a user with 2 has one in test, with 3 one in each part."""
    shuffled = np.lexsort((np.random.default_rng(seed).random(len(rows.order)), rows.user_row))
    first, count = _places(rows.user_row)
    place = np.empty(len(first), dtype=np.int64)
    place[shuffled] = np.arange(len(first)) - first
    test = np.where(count >= 2, np.maximum(count // 10, 1), 0)
    valid = np.where(count >= 3, np.maximum(count // 10, 1), 0)
    return np.where(place < test, TEST, np.where(place < test + valid, VALID, TRAIN)).astype(np.int8)


def by_user(rows: Sorted, seed: int = 0) -> Part:
    """Hold out whole users, drawn 8:1:1; those in validation and test are cold."""
    users, row = np.unique(rows.user_row, return_inverse=True)
    place = np.random.default_rng(seed).permutation(len(users))
    return _tenths(place, len(users))[row]


def by_file(rows: Sorted, seed: int = 0) -> Part:
    """Take the split that comes with the data."""
    if rows.given is None:
        raise DataError(
            "The split 'file' needs a split that comes with the data, and there is none.",
            "Give the interactions a column 'split' of the words train, valid and test.",
        )
    return rows.given


def parts_named(raw: pd.Series, column: str) -> Part:
    """Read a column of part names (train, valid, test) into int8 (rows,); DataError at another word."""
    places, words = pd.factorize(raw.map(str) if raw.dtype == object else raw)  # -1 where one is missing
    known = np.array([*(_PART_NAMES.get(str(word).strip().lower(), -1) for word in words), -1], dtype=np.int8)
    parts = known[places]
    if (parts < 0).any():
        row = int(np.flatnonzero(parts < 0)[0])
        raise DataError(f"Row {row + 1}, column '{column}': {shown(raw.iloc[row])} is no part of a split.",
                        "The parts are: train, valid, test.")
    return parts


_SPLITS: dict[str, Callable[[Sorted, int], Part]] = {
    "time": by_time, "last": by_last, "random": by_random, "user": by_user, "file": by_file,
}


def tie_warnings(rows: Sorted) -> list[str]:
    """Say so where more than a tenth of the neighbouring events of users share their second."""
    if rows.time is None:
        return []
    neighbours = rows.user_row[1:] == rows.user_row[:-1]
    tied = float((neighbours & (rows.time[1:] == rows.time[:-1])).sum()) / max(int(neighbours.sum()), 1)
    if tied <= _MANY_TIES:
        return []
    return [f"{tied:.1%} of a user's neighbouring events share their time: they keep the order of the file."]


def _default(rows: Sorted) -> tuple[str, list[str]]:
    if rows.given is not None:
        return "file", []
    if rows.time is None:
        return "random", []
    part = by_time(rows)
    tested = np.unique(rows.user_row[part == TEST])
    warm = float(np.isin(tested, rows.user_row[part == TRAIN]).mean()) if tested.size else 0.0
    if warm >= _WARM_SHARE:
        return "time", []
    return "last", [f"Split 'last', not 'time': after a cut in time only {warm:.0%} of the test users have a past."]


def _places(user_row: NDArray[np.int32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return for each row of sorted users where its user's rows start, and how many they are."""
    starts = np.flatnonzero(np.r_[True, user_row[1:] != user_row[:-1]][: len(user_row)])
    counts = np.diff(np.r_[starts, len(user_row)])
    return np.repeat(starts, counts), np.repeat(counts, counts)


def _tenths(place: NDArray[np.int64], count: int) -> Part:
    return np.where(place < int(count * 0.8), TRAIN, np.where(place < int(count * 0.9), VALID, TEST)).astype(np.int8)


def _refuse_empty(part: Part, name: str) -> list[str]:
    sizes = np.bincount(part, minlength=3)
    if name == "file" and sizes[VALID] == 0 and sizes[TRAIN] and sizes[TEST]:
        return ["The given split has no validation part: there is nothing to stop early on."]
    if sizes.all():
        return []
    empty = ("training", "validation", "test")[int(np.flatnonzero(sizes == 0)[0])]
    raise DataError(
        f"The {empty} part of the split '{name}' is empty (train {sizes[0]:,}, valid {sizes[1]:,}, test {sizes[2]:,}).",
        "Take another split (time, last, random, user), clean less, or load more interactions.",
    )
