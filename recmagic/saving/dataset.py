"""A data set as JSON and arrays: users, items and interactions as they are encoded, the split, and how it came about.

What the source knew of people's real tastes (`truth`, of the simulation) is not kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recmagic.data.cleaning import Dropped
from recmagic.data.dataset import Dataset
from recmagic.data.entities import Entities
from recmagic.data.interactions import Interactions
from recmagic.data.split import TEST
from recmagic.saving.columns import read_column, vocabulary, write_column
from recmagic.saving.frames import read_frame, write_frame
from recmagic.saving.shape import array, need, taken, within

Arrays = dict[str, NDArray[Any]]
_TEXTS = ("name", "split_name", "licence", "note")


def write_dataset(data: Dataset, arrays: Arrays) -> dict[str, Any]:
    """Return a data set as JSON, its arrays put beside it."""
    return {
        **{name: getattr(data, name) for name in _TEXTS},
        "split_seed": data.split_seed,
        "roles": dict(data.roles),
        "options": {name: list(each) if isinstance(each, tuple) else each for name, each in data.options.items()},
        "account": [list(each) for each in data.account],
        "warnings": list(data.warnings),
        "users": _write_side(data.users, arrays),
        "items": _write_side(data.items, arrays),
        "log": _write_log(data.interactions, arrays),
    }


def read_dataset(told: Any, arrays: Mapping[str, NDArray[Any]]) -> Dataset:
    """Return the data set that `write_dataset` has written; DataError at what does not hold together."""
    users, items = (_read_side(taken(told, f"{side}s", dict, "data"), side, arrays) for side in ("user", "item"))
    log = _read_log(taken(told, "log", dict, "data"), arrays, (users.count + 1, items.count + 1))
    account = [_dropped(each) for each in taken(told, "account", list, "data")]
    roles, options = taken(told, "roles", dict, "data"), taken(told, "options", dict, "data")
    need(all(isinstance(each, str) for each in roles.values()), "data.roles", "names of columns")
    need({"keep", "duplicates", "positive", "scale"} <= set(options), "data.options", "what was asked for")
    options = {name: tuple(each) if name == "scale" and each else each for name, each in options.items()}
    warnings = [str(each) for each in taken(told, "warnings", list, "data")]
    name, split_name, licence, note = (taken(told, key, str, "data") for key in _TEXTS)
    return Dataset(name, users, items, log, account, roles, options, split_name, taken(told, "split_seed", int, "data"),
                   licence, note, None, warnings)


def _write_side(side: Entities, arrays: Arrays) -> dict[str, Any]:
    place = side.side
    arrays[f"{place}/warm"] = side.warm
    return {
        "ids": side.ids.tolist(),
        "label": side.label,
        "frame": write_frame(side.frame, f"{place}/frame", arrays),
        "columns": [write_column(column, f"{place}/{name}", arrays) for name, column in side.columns.items()],
    }


def _read_side(told: Any, side: str, arrays: Mapping[str, NDArray[Any]]) -> Entities:
    place = f"data.{side}s"
    ids = np.array(vocabulary(taken(told, "ids", list, place), f"{place}.ids"), dtype=object)
    need(len(ids) > 0, f"{place}.ids", "not empty")
    columns = _columns(taken(told, "columns", list, place), side, side, arrays, len(ids))
    need(f"{side}_id" in columns, f"{place}.columns", f"a list with {side}_id")
    frame = read_frame(taken(told, "frame", list, place), f"{side}/frame", arrays, len(ids) - 1)
    label = taken(told, "label", (str, type(None)), place)
    need(label is None or label in frame.columns, f"{place}.label", "the name of a column")
    return Entities(side, ids, columns, frame, array(arrays, f"{side}/warm", bool, (len(ids),)), label)


def _write_log(log: Interactions, arrays: Arrays) -> dict[str, Any]:
    for name in ("user_row", "item_row", "positive", "part", "rating", "timestamp"):
        values = getattr(log, name)
        if values is not None:
            arrays[f"log/{name}"] = values
    return {"rows": len(log), "rating": log.rating is not None, "timestamp": log.timestamp is not None,
            "columns": [write_column(column, f"interaction/{name}", arrays) for name, column in log.columns.items()]}


def _read_log(told: Any, arrays: Mapping[str, NDArray[Any]], shape: tuple[int, int]) -> Interactions:
    rows = taken(told, "rows", int, "data.log")

    def held(name: str, dtype: Any) -> NDArray[Any]:
        return array(arrays, f"log/{name}", dtype, (rows,))

    user_row, item_row = (within(held(f"{side}_row", np.int32), stop, f"log/{side}_row")
                          for side, stop in zip(("user", "item"), shape))
    need(bool((np.diff(user_row) >= 0).all()), "log/user_row", "sorted")
    return Interactions(
        user_row, item_row,
        held("rating", np.float32) if taken(told, "rating", bool, "data.log") else None,
        held("timestamp", np.float64) if taken(told, "timestamp", bool, "data.log") else None,
        held("positive", bool), within(held("part", np.int8), TEST + 1, "log/part"),
        _columns(taken(told, "columns", list, "data.log"), "interaction", "interaction", arrays, rows), shape)


def _columns(told: list[Any], place: str, side: str, arrays: Mapping[str, NDArray[Any]], rows: int) -> dict[str, Any]:
    columns = {}
    for each in told:
        name = taken(each, "name", str, place)
        columns[name] = read_column(each, f"{place}/{name}", arrays, rows)
        need(columns[name].side == side, f"{place}/{name}.side", side)
    return columns


def _dropped(told: Any) -> Dropped:
    need(isinstance(told, list) and [type(each) for each in told] == [str, str, int], "data.account", "lines")
    return Dropped(*told)
