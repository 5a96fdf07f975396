"""Which items a short text means: a condition on a column (`year > 2000`), or words of a title or a category."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from recmagic.data.conditions import holds
from recmagic.data.dataset import Dataset

_COMPARES = re.compile(r"[<>=]")
_WORDED = ("category", "multi")


def matching(data: Dataset, text: str) -> NDArray[np.bool_]:
    """Return which items are meant, bool (items + 1,): all of them by an empty text, never the unknown item 0.

    Words are looked for in titles and in columns of categories, whatever their case. Raises DataError, with a caret, at
    a condition that cannot be read.
    """
    frame, found = data.items.frame, np.zeros(data.items.count + 1, bool)
    if _COMPARES.search(text):
        found[1:] = holds(text, frame, {}, "where")
        return found
    words = text.strip().casefold()
    kinds = {column.source or name: column.kind for name, column in data.items.columns.items()}
    for name in frame.columns[1:]:
        if name == data.items.label or kinds.get(str(name)) in _WORDED:
            cells = frame[name].astype(str).str.casefold()
            found[1:] |= cells.str.contains(words, regex=False).to_numpy(dtype=bool)
    return found
