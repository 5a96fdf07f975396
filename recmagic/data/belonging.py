"""Columns of the interactions that describe the user or the item: moved there, since a candidate must bring its own."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

_EVIDENCE = 20  # repeated rows without a contradiction; two values by chance would agree once in a million


def moved(
    others: pd.DataFrame, sides: dict[str, pd.DataFrame], rows: dict[str, NDArray[np.int32]]
) -> tuple[pd.DataFrame, list[str]]:
    """Move columns that are the same in every row of an item (or of a user) into that side's frame.

    `others` are the interactions' own columns; `sides` the metadata frames, changed in place; `rows` the row of each
    side, int32 (n,) from 1 on. Returns the columns that stay, and warnings that say what was moved.
    """
    warnings: list[str] = []
    for name in list(others.columns):
        codes = pd.factorize(others[name].astype(str))[0]
        owners = [side for side in sides if name not in sides[side] and _described_by(codes, rows[side])]
        if len(owners) != 1:  # none, or so few values that both would do
            continue
        side = owners[0]
        entities, first = np.unique(rows[side], return_index=True)
        values = others[name].iloc[first].set_axis(entities - 1)
        sides[side][name] = values.reindex(range(len(sides[side])))
        others = others.drop(columns=name)
        warnings.append(f"'{name}' is the same in all rows of {_article(side)}: taken as a column of the {side}s.")
    return others, warnings


def _described_by(codes: NDArray[np.intp], rows: NDArray[np.int32]) -> bool:
    """Return whether the codes are the same within each entity, with enough repeated rows to tell."""
    _, first, entity = np.unique(rows, return_index=True, return_inverse=True)
    enough = len(codes) - len(first) >= _EVIDENCE
    return enough and len(first) > 1 and bool((codes == codes[first][entity]).all())


def _article(side: str) -> str:
    return "an item" if side == "item" else "a user"
