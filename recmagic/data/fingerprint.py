"""A fingerprint of data: the same for the same content, in any process and on any machine."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from recmagic.data.entities import Entities
from recmagic.data.interactions import Interactions


def fingerprint(users: Entities, items: Entities, interactions: Interactions, options: Mapping[str, Any]) -> str:
    """Return 16 hexadecimal digits over ids, metadata, interactions, parts, kinds of columns and the options."""
    digest = hashlib.blake2b(digest_size=8)
    digest.update(json.dumps(dict(options), sort_keys=True, default=str).encode())
    for side in (users, items):
        for name, column in side.columns.items():
            digest.update(f"{side.side} {name} {column.kind};".encode())
        digest.update(pd.util.hash_pandas_object(side.frame.astype(str), index=False).to_numpy().tobytes())
        digest.update(side.warm.tobytes())
    arrays = (interactions.user_row, interactions.item_row, interactions.part, interactions.positive,
              interactions.rating, interactions.timestamp)
    for array in arrays:
        digest.update(b"-" if array is None else np.ascontiguousarray(array).tobytes())
    for name, column in interactions.columns.items():
        digest.update(f"{name} {column.kind};".encode())
        texts = column.values.dtype == object
        digest.update("\0".join(column.values).encode() if texts else np.ascontiguousarray(column.values).tobytes())
    return digest.hexdigest()
