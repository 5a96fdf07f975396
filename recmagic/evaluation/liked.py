"""What a user liked: the positives, the best rated first and of these the latest."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from recmagic.data.dataset import Dataset
from recmagic.data.interactions import PARTS
from recmagic.evaluation.task import HISTORY


def liked_items(data: Dataset, user_id: Any, as_of: str | None = None) -> NDArray[np.int32]:
    """Return the item rows of a user's positives, best first, of all parts or of those before the part `as_of`; none
    for an unknown user."""
    own = events_of(data, int(data.users.rows([user_id])[0]), as_of)
    own = own[data.interactions.positive[own]]
    if data.interactions.rating is not None:
        own = own[np.argsort(-data.interactions.rating[own], kind="stable")]
    return data.interactions.item_row[own]


def events_of(data: Dataset, user: int, as_of: str | None = None) -> NDArray[np.int64]:
    """Return the numbers of a user row's interactions, the latest first; of the parts before `as_of`, where given."""
    interactions = data.interactions
    first, end = np.searchsorted(interactions.user_row, [user, user + 1]) if user else (0, 0)
    own = np.arange(first, end)[::-1]
    if as_of is None:
        return own
    return own[np.isin(interactions.part[own], [PARTS[part] for part in HISTORY[as_of]])]
