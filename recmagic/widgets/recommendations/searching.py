"""Type-ahead: the few names that a text may mean."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

SUGGESTED = 20


def found_among(names: Sequence[str], text: str) -> list[dict[str, Any]]:
    """Return at most 20 of the names of rows 1, 2, ...: first those that start with the text, then those with it."""
    wanted = text.strip().casefold()
    starting, holding = list[int](), list[int]()
    for row, name in enumerate(names, start=1):
        place = name.casefold().find(wanted)
        if place == 0:
            starting.append(row)
        elif place > 0:
            holding.append(row)
        if len(starting) >= SUGGESTED and not wanted:
            break
    # The shortest that starts with the text is the one that was meant, if it was typed to its end.
    starting.sort(key=lambda row: len(names[row - 1]))
    return [{"row": row, "name": names[row - 1][:200]} for row in (starting + holding)[:SUGGESTED]]
