"""The graph of who has what in the training part, as arrays that towers read whole."""

from __future__ import annotations

from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from recmagic.compiler.feeds import GRAPH
from recmagic.data.dataset import Dataset
from recmagic.data.split import TRAIN

Arrays = dict[str, NDArray[np.generic]]

# A data set never changes, and every scorer, one for each `recommend`, reads its graph.
_GRAPHS: WeakKeyDictionary[Dataset, Arrays] = WeakKeyDictionary()


def graph_arrays(data: Dataset) -> Arrays:
    """Return the edges, one for each user and item with a positive of the training part, by the codes of the ids.

    `graph/user` and `graph/item` int32 (E,) are the ends, `graph/weight` (E,) is 1 / sqrt(both degrees); `graph/users`
    and `graph/items` are all codes, so that a table can be read whole.
    """
    if data not in _GRAPHS:
        _GRAPHS[data] = _made(data)
    return _GRAPHS[data]


def _made(data: Dataset) -> Arrays:
    events = data.interactions
    chosen = (events.part == TRAIN) & events.positive
    users, items = data.users.columns["user_id"], data.items.columns["item_id"]
    pairs = np.stack([users.values[events.user_row[chosen]], items.values[events.item_row[chosen]]], axis=1)
    user, item = np.unique(pairs, axis=0).T.astype(np.int32)
    degrees = np.bincount(user, minlength=users.size), np.bincount(item, minlength=items.size)
    weight = 1 / np.sqrt(degrees[0][user] * degrees[1][item])
    return {f"{GRAPH}user": user, f"{GRAPH}item": item, f"{GRAPH}weight": weight.astype(np.float32),
            f"{GRAPH}users": np.arange(users.size, dtype=np.int32),
            f"{GRAPH}items": np.arange(items.size, dtype=np.int32)}
