"""New rows for data that a model was trained on: they join the training part, and old rows and codes stay in place."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from recmagic.data.cleaning import Cleaning, Dropped, clean
from recmagic.data.column import Column
from recmagic.data.conditions import holds
from recmagic.data.encoders import Categories
from recmagic.data.entities import Entities
from recmagic.data.events import events_of
from recmagic.data.interactions import Interactions
from recmagic.data.lookup import plain
from recmagic.data.roles import ITEM, RATING, ROLES, TIME, USER
from recmagic.data.split import TRAIN
from recmagic.errors import DataError

if TYPE_CHECKING:
    from recmagic.data.dataset import Dataset


def updated(data: Dataset, rows: pd.DataFrame) -> Dataset:
    """Return the data with these rows in its training part.

    `rows` has the columns of the roles, by the table's names or a cell's; columns of users or items in it describe the
    new ones. Cleaning is as before, but for min_user and min_item. Of a pair that is there already, in whatever part,
    the row stays that `duplicates` says. Raises DataError at a missing column and a cell that cannot be read.
    """
    events, account = _clean(data, rows)
    repeated, again = _repeated(data, events)
    stays = np.ones(len(data.interactions), dtype=bool)
    if data.options["duplicates"] == "first":
        events = events[~again]
    else:
        stays = ~repeated
        if data.options["duplicates"] == "sum":
            events = _summed(data, events)
    if again.any():
        why = f"a user and item again ({data.options['duplicates']} kept)"
        account = [*account, Dropped("interactions", why, int(again.sum()))]
    users, items = grown(data.users, events[USER], events), grown(data.items, events[ITEM], events)
    log = _joined(data.interactions, stays, events, users, items, _positive(data, events))
    return replace(data, users=users, items=items, interactions=log, account=data.account + account)


def grown(side: Entities, ids: pd.Series, described: pd.DataFrame) -> Entities:
    """Return the users or items with these ids in the training part; new ids get rows, and all newly warm ones codes.

    `described` has one row an id of `ids` and may hold columns of this side; of a new id its first row counts.
    """
    known = side.rows(ids)
    names = list(side.frame.columns)
    fresh = described.reindex(columns=names)
    fresh[names[0]] = pd.Series(_of_kind(side, ids), index=fresh.index, dtype=object)
    fresh = fresh[known == 0].drop_duplicates(names[0]).reset_index(drop=True)
    all_ids = np.concatenate([side.ids, np.array(fresh[names[0]].tolist(), dtype=object)])
    warm = np.concatenate([side.warm, np.ones(len(fresh), dtype=bool)])
    warm[known[known > 0]] = True
    described = fresh.set_axis(pd.Index(fresh[names[0]], dtype=object, name=side.side))
    columns = {name: extended(column, described) for name, column in side.columns.items() if column.kind != "id"}
    frame = pd.concat([side.frame, fresh], ignore_index=True) if len(fresh) else side.frame
    identity = _more_codes(side.columns[f"{side.side}_id"], all_ids, warm)
    return replace(side, ids=all_ids, warm=warm, frame=frame, columns={f"{side.side}_id": identity} | columns)


def extended(column: Column, frame: pd.DataFrame) -> Column:
    """Return the column with the rows of a raw frame behind its own, encoded by what it learnt before."""
    absent = pd.Series([None] * len(frame), dtype=object)
    values, missing = column.encoder.encode(frame.get(column.source, absent))
    return replace(
        column, values=np.concatenate([column.values, values]), missing=np.concatenate([column.missing, missing])
    )


def _clean(data: Dataset, rows: pd.DataFrame) -> tuple[pd.DataFrame, list[Dropped]]:
    roles: dict[str, str] = {}
    for option, raw in data.roles.items():
        names = [name for name in (raw, ROLES[option]) if name in rows.columns]
        if not names:
            raise DataError(f"The new rows have no column '{raw}' ({option}).", f"They have {', '.join(rows.columns)}.")
        roles[option] = names[0]
    if data.options["duplicates"] == "sum" and "rating" not in roles and data.interactions.rating is not None:
        rows = rows.assign(**{RATING: 1.0})
        roles["rating"] = RATING
    wish = Cleaning(data.options["keep"], data.options["duplicates"])
    return clean(events_of(rows, roles, data.options["scale"]), wish, _aliases(data))


def _positive(data: Dataset, events: pd.DataFrame) -> NDArray[np.bool_]:
    condition = data.options["positive"]
    return holds(condition, events, _aliases(data), "positive") if condition else np.ones(len(events), dtype=bool)


def _aliases(data: Dataset) -> dict[str, str]:
    return {name: ROLES[option] for option, name in data.roles.items()}


def _of_kind(side: Entities, ids: pd.Series) -> list[object]:
    """Return ids as whole numbers or texts, as the side has them; a text that is no number stays one."""
    texts = [str(value) for value in plain(ids)[0].tolist()]
    if not all(isinstance(known, int) for known in side.ids[1:]):
        return list(texts)
    return [int(text) if re.fullmatch(r"-?\d+", text) else text for text in texts]


def _more_codes(column: Column, ids: NDArray[np.object_], warm: NDArray[np.bool_]) -> Column:
    codes = np.concatenate([column.values, np.zeros(len(ids) - len(column.values), dtype=np.int32)])
    fresh = np.flatnonzero(warm & (codes == 0))
    codes[fresh] = np.arange(column.size, column.size + len(fresh))
    encoder = Categories((*column.vocabulary, *ids[fresh].tolist()))
    return replace(column, values=codes, missing=np.arange(len(ids)) == 0, encoder=encoder)


def _repeated(data: Dataset, events: pd.DataFrame) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which old rows have the pair of a new one, and which new rows have the pair of an old one."""
    log, width = data.interactions, data.items.count + 1
    users, items = data.users.rows(events[USER]).astype(np.int64), data.items.rows(events[ITEM])
    fresh = np.where((users > 0) & (items > 0), users * width + items, -1)
    pairs = log.user_row.astype(np.int64) * width + log.item_row
    return np.isin(pairs, fresh), np.isin(fresh, pairs)


def _summed(data: Dataset, events: pd.DataFrame) -> pd.DataFrame:
    """Add to the new ratings what the old rows of their pairs hold."""
    log = data.interactions
    if log.rating is None:
        return events
    held = csr_matrix((log.rating.astype(np.float64), (log.user_row, log.item_row)), shape=log.shape)
    before = np.asarray(held[data.users.rows(events[USER]), data.items.rows(events[ITEM])]).ravel()
    return events.assign(**{RATING: events[RATING] + before})


def _joined(
    log: Interactions, stays: NDArray[np.bool_], events: pd.DataFrame, users: Entities, items: Entities,
    positive: NDArray[np.bool_],
) -> Interactions:
    """Put the new rows behind the old ones that stay, then sort all by user and time, stably."""
    user_row = np.concatenate([log.user_row[stays], users.rows(events[USER])])
    time = None if log.timestamp is None else np.concatenate([log.timestamp[stays], events[TIME]])
    order = np.lexsort((user_row,) if time is None else (time, user_row))

    def joined(old: NDArray[Any], new: NDArray[Any]) -> NDArray[Any]:
        return np.concatenate([old[stays], new]).astype(old.dtype)[order]

    columns = {}
    for name, column in log.columns.items():
        more = extended(replace(column, values=column.values[:0], missing=column.missing[:0]), events)
        columns[name] = replace(
            column, values=joined(column.values, more.values), missing=joined(column.missing, more.missing)
        )
    return Interactions(
        user_row=user_row[order],
        item_row=joined(log.item_row, items.rows(events[ITEM])),
        rating=None if log.rating is None else joined(log.rating, events[RATING].to_numpy()),
        timestamp=None if time is None else time[order],
        positive=joined(log.positive, positive),
        part=joined(log.part, np.full(len(events), TRAIN)),
        columns=columns,
        shape=(users.count + 1, items.count + 1),
    )
