"""A table as plain text: aligned columns, numbers to the right, for consoles and the text form of a notebook."""

from __future__ import annotations

import math
from typing import Any, Iterable, Sequence
from unicodedata import category, east_asian_width

WIDEST = 44  # characters of one cell


def text_table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Return the rows under their heads; floats show four decimals, None and NaN a dash, control characters nothing."""
    body = [list(row) for row in rows]
    cells = [[_shown(value) for value in line] for line in [columns, *body]]
    widths = [max(_width(line[place]) for line in cells) for place in range(len(columns))]
    right = [all(isinstance(row[place], (int, float, type(None))) for row in body) for place in range(len(columns))]
    return "\n".join("  ".join(map(_padded, line, widths, right)).rstrip() for line in cells)


def _shown(value: Any) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "–"
    if isinstance(value, float):
        return f"{value:.4f}" if abs(value) < 1000 else f"{value:,.1f}"
    text = "".join(sign for sign in str(value) if category(sign)[0] != "C")
    return text if len(text) <= WIDEST else text[: WIDEST - 1] + "…"


def _width(text: str) -> int:
    return sum(0 if category(sign) == "Mn" else 2 if east_asian_width(sign) in "WF" else 1 for sign in text)


def _padded(text: str, width: int, right: bool) -> str:
    gap = " " * (width - _width(text))
    return gap + text if right else text + gap
