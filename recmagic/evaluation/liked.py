"""What a user liked: the positives, the best rated first and of these the latest."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from recmagic.data.dataset import Dataset


def liked_items(data: Dataset, user_id: Any) -> NDArray[np.int32]:
    """Return the item rows of a user's positives in all parts, best first; none for an unknown user."""
    interactions = data.interactions
    user = int(data.users.rows([user_id])[0])
    if user == 0:
        return np.zeros(0, dtype=np.int32)
    first, end = np.searchsorted(interactions.user_row, [user, user + 1])
    own = np.arange(first, end)
    own = own[interactions.positive[own]][::-1]  # the latest first
    if interactions.rating is not None:
        own = own[np.argsort(-interactions.rating[own], kind="stable")]
    return interactions.item_row[own]
