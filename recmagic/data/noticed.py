"""What is read as it stands, and may not have been meant so: ids that look alike, and numbers with a comma."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from recmagic.data.cells import decimal_commas
from recmagic.data.column import Column
from recmagic.data.lookup import Vocabulary
from recmagic.data.roles import TIME


def alike(side: str, ids: Vocabulary) -> list[str]:
    """Return a note where ids differ from others by capitals and blanks alone: they count as different."""
    texts = [each for each in ids[1:] if isinstance(each, str)]
    folded = pd.Series(["".join(each.split()).casefold() for each in texts], dtype=object)
    again = folded.duplicated(keep=False).to_numpy()
    if not again.any():
        return []
    first = int(np.argmax(again))
    one, other = (texts[place] for place in np.flatnonzero((folded == folded[first]).to_numpy())[:2])
    return [f"{int(again.sum()):,} of {len(ids) - 1:,} {side} ids differ from another one by capitals or blanks alone, "
            f"such as {one!r} and {other!r}. They count as different {side}s."]


def unused_dates(frame: pd.DataFrame, columns: Mapping[str, Column]) -> list[str]:
    """Return a note where interactions have no time, but a column of dates."""
    dates = [str(name) for name in frame.columns if str(name) in columns and columns[str(name)].kind == "date"]
    if TIME in columns or not dates:
        return []
    return [f"'{dates[0]}' holds dates, and no column is taken for the time. If it is one, say so: --time {dates[0]}."]


def with_commas(frame: pd.DataFrame, columns: Mapping[str, Column]) -> list[str]:
    """Return a note for each column of numbers that are written with a comma for their point."""
    notes = []
    for name in frame.columns:
        read = columns.get(str(name))
        commas = decimal_commas(frame[name]) if read is not None and read.kind == "number" else np.zeros(1, bool)
        if commas.any():
            cell = str(frame[name].iloc[int(np.argmax(commas))]).strip()
            read_as = cell.replace(",", ".")
            notes.append(f"'{name}' has numbers with a comma for their point: {cell} is read as {read_as}.")
    return notes
