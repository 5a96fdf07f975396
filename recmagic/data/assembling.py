"""From raw tables to clean, split and encoded ones: the order in which a Dataset comes about."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from recmagic.data.belonging import moved
from recmagic.data.cleaning import Cleaning, Dropped, clean
from recmagic.data.conditions import holds
from recmagic.data.encoding import encode_frame
from recmagic.data.entities import Entities, build_entities
from recmagic.data.events import events_of
from recmagic.data.interactions import Interactions
from recmagic.data.kinds import check_types, infer_kinds
from recmagic.data.lookup import Lookup, Vocabulary, learn
from recmagic.data.metadata import aligned, distinct_names
from recmagic.data.noticed import alike, unused_dates, with_commas
from recmagic.data.roles import ITEM, RATING, ROLES, TIME, USER
from recmagic.data.split import TRAIN, Part, Sorted, parts_named, split
from recmagic.data.tables import Tables

_SPLIT_NAMES = ("split", "part", "fold", "subset")


@dataclass(frozen=True)
class Wish:
    """What the user asks of the data: cleaning, positives, split and seed, kinds of columns, scale of the ratings."""

    cleaning: Cleaning = field(default_factory=Cleaning)
    positive: str | None = None
    split: str | None = None
    seed: int = 0
    types: dict[str, str] = field(default_factory=dict)
    scale: tuple[float, float] | None = None


@dataclass
class Assembled:
    """The parts of a Dataset."""

    users: Entities
    items: Entities
    interactions: Interactions
    account: list[Dropped]
    warnings: list[str]
    split_name: str


@dataclass(frozen=True)
class _Events:
    """Clean interactions, sorted; `frame` has the columns of the roles and the others."""

    frame: pd.DataFrame
    user_ids: Vocabulary
    item_ids: Vocabulary
    user_row: NDArray[np.int32]
    item_row: NDArray[np.int32]
    positive: NDArray[np.bool_]


def assemble(tables: Tables, wish: Wish) -> Assembled:
    """Clean, split and encode; DataError at whatever the user can mend."""
    check_types(wish.types, _all_columns(tables))
    given, tables = _given_split(tables, wish.split)
    events, account = _events(tables, wish)
    part, split_name, warnings = split(_sorted(events, given), wish.split, wish.seed)
    sides: dict[str, pd.DataFrame] = {}
    for side, ids, table, key in (
        ("user", events.user_ids, tables.users, tables.user_key if tables.users is not None else tables.user),
        ("item", events.item_ids, tables.items, tables.item_key if tables.items is not None else tables.item),
    ):
        sides[side], dropped, missing = aligned(side, ids, table, key)
        account, warnings = account + dropped, warnings + missing
    others = events.frame.drop(columns=[name for name in (USER, ITEM, RATING, TIME) if name in events.frame])
    others, told = moved(others, sides, {"user": events.user_row, "item": events.item_row})
    renamed, clashes = distinct_names({
        "user": list(sides["user"].columns[1:]), "item": list(sides["item"].columns[1:]),
        "interaction": list(others.columns),
    })
    kinds = tables.kinds | wish.types
    users = _entities("user", sides["user"], renamed["user"], kinds, events.user_row[part == TRAIN], tables)
    items = _entities("item", sides["item"], renamed["item"], kinds, events.item_row[part == TRAIN], tables)
    interactions = _interactions(events, part, others.rename(columns=renamed["interaction"]),
                                 {renamed["interaction"].get(name, name): kind for name, kind in kinds.items()})
    warnings += told + clashes + alike("user", events.user_ids) + alike("item", events.item_ids)
    warnings += unused_dates(others, interactions.columns)
    for frame, columns in ((sides["user"], users.columns), (sides["item"], items.columns),
                           (others, interactions.columns)):
        warnings += with_commas(frame, columns)
    return Assembled(users, items, interactions, account, warnings, split_name)


def _all_columns(tables: Tables) -> list[str]:
    frames = (tables.interactions, tables.users, tables.items)
    return [str(name) for frame in frames if frame is not None for name in frame.columns]


def _given_split(tables: Tables, name: str | None) -> tuple[Part | None, Tables]:
    column = next((each for each in _SPLIT_NAMES if each in tables.interactions.columns), None)
    if tables.split is not None or name != "file" or column is None:
        return tables.split, tables
    given = parts_named(tables.interactions[column], column)
    return given, Tables(**{**vars(tables), "interactions": tables.interactions.drop(columns=column)})


def _events(tables: Tables, wish: Wish) -> tuple[_Events, list[Dropped]]:
    aliases = {name: ROLES[option] for option, name in tables.roles.items()}
    frame, account = clean(events_of(tables.interactions, tables.roles, wish.scale), wish.cleaning, aliases)
    positive = holds(wish.positive, frame, aliases, "positive") if wish.positive else np.ones(len(frame), dtype=bool)
    user_ids, item_ids = learn(frame[USER]), learn(frame[ITEM])
    user_row, item_row = Lookup(user_ids).codes(frame[USER]), Lookup(item_ids).codes(frame[ITEM])
    order = np.lexsort((frame[TIME].to_numpy(), user_row) if TIME in frame else (user_row,))
    return _Events(frame.iloc[order], user_ids, item_ids, user_row[order], item_row[order], positive[order]), account


def _sorted(events: _Events, given: Part | None) -> Sorted:
    order = events.frame.index.to_numpy(dtype=np.int64)
    time = events.frame[TIME].to_numpy(dtype=np.float64) if TIME in events.frame else None
    return Sorted(events.user_row, time, order, None if given is None else given[order])


def _entities(
    side: str, frame: pd.DataFrame, names: dict[str, str], kinds: dict[str, str], trained: NDArray[np.int32],
    tables: Tables,
) -> Entities:
    warm = np.isin(np.arange(1, len(frame) + 1), trained)
    frame = frame.set_axis(pd.Index(frame.iloc[:, 0], dtype=object, name=side))  # errors name a cell by its id
    inferred = infer_kinds(frame.iloc[:, 1:], {name: kinds[name] for name in frame.columns[1:] if name in kinds})
    renamed = {names.get(name, name): kind for name, kind in inferred.items()}
    label = tables.labels.get(side)
    return build_entities(side, frame.rename(columns=names), renamed, warm, names.get(label or "", label))


def _interactions(events: _Events, part: Part, others: pd.DataFrame, kinds: dict[str, str]) -> Interactions:
    frame = others.assign(**{name: events.frame[name] for name in (RATING, TIME) if name in events.frame})
    known = {name: kinds[name] for name in others if name in kinds} | {RATING: "number", TIME: "date"}
    inferred = infer_kinds(frame, {name: kind for name, kind in known.items() if name in frame})
    return Interactions(
        user_row=events.user_row,
        item_row=events.item_row,
        rating=frame[RATING].to_numpy(dtype=np.float32) if RATING in frame else None,
        timestamp=frame[TIME].to_numpy(dtype=np.float64) if TIME in frame else None,
        positive=events.positive,
        part=part,
        columns=encode_frame(frame, inferred, "interaction", part == TRAIN),
        shape=(len(events.user_ids), len(events.item_ids)),
    )
