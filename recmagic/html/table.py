"""A real HTML table, and a score bar made of text."""

from __future__ import annotations

import math
from numbers import Integral, Real
from typing import Collection, Iterable, Sequence

from recmagic.html.text import FAINT, INK, LINE, Markup, escape

CELL_LIMIT = 200  # characters of one cell; the frame behind the table holds the whole text
LONG_WORD = 24  # characters; a longer word may be broken anywhere, a shorter one never is
_EIGHTHS = " ▏▎▍▌▋▊▉"


def table(
    columns: Sequence[object],
    rows: Iterable[Sequence[object]],
    caption: str = "",
    *,
    numeric: Collection[object] | None = None,
    notes: Iterable[str] = (),
) -> Markup:
    """Return a <table> whose first column heads its rows.

    `numeric` names the columns set to the right (default: those that hold nothing but numbers). Floats show four
    decimals, None and NaN a dash, and text is escaped and cut at 200 characters. `notes` stand under the table.
    """
    body = [list(row) for row in rows]
    right = _numeric_places(columns, body, numeric)
    head = "".join(_cell("th", name, place in right, ' scope="col"') for place, name in enumerate(columns))
    lines = "".join(f"<tr>{_row(row, right)}</tr>" for row in body)
    title = f'<caption dir="auto" style="{_CAPTION}">{escape(caption)}</caption>' if caption else ""
    below = "".join(f'<p dir="auto" style="{_NOTE}">{escape(note)}</p>' for note in notes)
    return Markup(
        f'<div style="overflow-x:auto;max-width:100%"><table style="{_TABLE}">{title}<thead><tr>{head}</tr></thead>'
        f"<tbody>{lines}</tbody></table></div>{below}"
    )


def bar(value: float, low: float, high: float, width: int = 10) -> str:
    """Return a bar of block characters, `width` characters long at `high` and empty at `low`, in eighths."""
    if not all(map(math.isfinite, (value, low, high))):
        return ""
    share = (value - low) / (high - low) if high > low else 1.0
    whole, part = divmod(round(min(max(share, 0.0), 1.0) * width * 8), 8)
    return "█" * whole + (_EIGHTHS[part] if part else "")


_TABLE = f"border-collapse:collapse;table-layout:auto;margin:4px 0;color:{INK};font-variant-numeric:tabular-nums"
_NOTE = f"margin:2px 0;font-size:90%;color:{FAINT};overflow-wrap:anywhere"
_CAPTION = f"caption-side:top;text-align:left;padding:4px 0;font-weight:600;color:{INK};overflow-wrap:anywhere"


def _row(row: Sequence[object], right: set[int]) -> str:
    first = _cell("th", row[0], 0 in right, ' scope="row"') if row else ""
    return first + "".join(_cell("td", value, place in right) for place, value in enumerate(row) if place)


def _cell(tag: str, value: object, right: bool, attributes: str = "") -> str:
    weight = "600" if "col" in attributes else "400"
    text = _shown(value)
    breaks = any(len(word) > LONG_WORD for word in str(text).split())
    style = (
        f"text-align:{'right' if right else 'left'};padding:3px 10px;vertical-align:top;font-weight:{weight};"
        f"border-bottom:1px solid {LINE};max-width:28em;overflow-wrap:{'anywhere' if breaks else 'normal'}"
    )
    return f'<{tag}{attributes} dir="auto" style="{style}">{escape(text, CELL_LIMIT)}</{tag}>'


def _shown(value: object) -> object:
    if value is None:
        return "–"
    if isinstance(value, Real) and not isinstance(value, (bool, Integral)):
        number = float(value)
        if not math.isfinite(number):
            return "–" if math.isnan(number) else str(number)
        return f"{number:.4f}" if abs(number) < 1000 else f"{number:,.1f}"
    return value


def _numeric_places(
    columns: Sequence[object], rows: list[list[object]], numeric: Collection[object] | None
) -> set[int]:
    if numeric is not None:
        return {place for place, name in enumerate(columns) if name in numeric}
    return {place for place in range(len(columns)) if rows and all(_is_number(row[place]) for row in rows)}


def _is_number(value: object) -> bool:
    return value is None or (isinstance(value, Real) and not isinstance(value, bool))
