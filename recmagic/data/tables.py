"""What a source hands over: raw tables, and what it knows about their columns."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray


@dataclass
class Tables:
    """Raw frames of a source and its own knowledge of them.

    `user`, `item`, `rating`, `time` name columns of `interactions`; `user_key` and `item_key` name the id column of
    `users` and `items`; `kinds` maps a column to its kind and overrides what would be inferred; `positive` is the
    source's own condition, such as "rating >= 4"; `split` holds a part (0 train, 1 validation, 2 test) a row of
    `interactions` when the split is given; `truth`, where a source knows it, has
    `scores(user_ids, item_ids) -> float array (users, items)`; `labels` maps "user" or "item" to the column that names
    one for people; `rating_scale` is the lowest and highest rating that may occur.
    """

    name: str
    interactions: pd.DataFrame
    users: pd.DataFrame | None = None
    items: pd.DataFrame | None = None
    user: str = "user_id"
    item: str = "item_id"
    rating: str | None = None
    time: str | None = None
    user_key: str = ""
    item_key: str = ""
    kinds: dict[str, str] = field(default_factory=dict)
    licence: str = ""
    note: str = ""
    positive: str | None = None
    split: NDArray[np.int8] | None = None
    truth: object | None = None
    labels: dict[str, str] = field(default_factory=dict)
    rating_scale: tuple[float, float] | None = None

    @property
    def roles(self) -> dict[str, str]:
        """Which column of `interactions` is the "user", "item", "rating" and "time"."""
        named = {"user": self.user, "item": self.item, "rating": self.rating, "time": self.time}
        return {role: name for role, name in named.items() if name is not None}
