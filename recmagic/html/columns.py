"""Columns side by side as inline SVG, each cut into parts told apart by colour, place and a legend in words."""

from __future__ import annotations

from typing import Mapping, Sequence

from recmagic.html.drawing import drawing
from recmagic.html.scatter import PALETTE
from recmagic.html.text import FAINT, INK, LINE, PAPER, Markup, escape

WIDTH, HEIGHT = 400, 180
LEFT, RIGHT, TOP, BOTTOM = 58, 8, 42, 38


def columns(parts: Mapping[str, Sequence[float]], *, title: str, ends: tuple[str, str], x_label: str) -> Markup:
    """Return a chart of stacked columns; `parts` are equally long, `ends` are written under the first and the last.

    Where nothing is above 0 there is no drawing.
    """
    totals = [sum(values) for values in zip(*parts.values())]
    highest = max(totals, default=0)
    if highest <= 0:
        return Markup("")
    width = (WIDTH - LEFT - RIGHT) / len(totals)
    drawn = [_column(parts, place, LEFT + place * width, width, highest) for place in range(len(totals))]
    told = "; ".join(f"{name}: {sum(values):,.0f}" for name, values in parts.items())
    shapes = "".join(drawn) + _frame(title, ends, x_label, highest) + _legend(list(parts))
    return drawing(shapes, (WIDTH, HEIGHT), title, f"{told}; from {ends[0]} to {ends[1]}.")


def _column(parts: Mapping[str, Sequence[float]], place: int, x: float, width: float, highest: float) -> str:
    bottom, drawn = float(HEIGHT - BOTTOM), []
    for number, values in enumerate(parts.values()):
        height = values[place] / highest * (HEIGHT - TOP - BOTTOM)
        if height > 0:
            bottom -= height
            drawn.append(f'<path d="M{x:.1f} {bottom:.1f}h{width * 0.9:.1f}v{height:.1f}h{-width * 0.9:.1f}Z" '
                         f'style="{_fill(number)}"/>')
    return "".join(drawn)


def _fill(number: int) -> str:
    return f"fill:{PALETTE[number % len(PALETTE)]}"


def _frame(title: str, ends: tuple[str, str], x_label: str, highest: float) -> str:
    bottom, right = HEIGHT - BOTTOM, WIDTH - RIGHT
    return (
        f'<path d="M{LEFT} {TOP}V{bottom}H{right}" style="stroke:{LINE};fill:none"/>'
        + _text(LEFT, 14, title, "start", INK) + _text(LEFT - 6, TOP + 8, f"{highest:,.4g}", "end", FAINT)
        + _text(LEFT - 6, bottom, "0", "end", FAINT) + _text(LEFT, bottom + 15, ends[0], "start", FAINT)
        + _text(right, bottom + 15, ends[1], "end", FAINT)
        + _text((LEFT + right) / 2, HEIGHT - 6, x_label, "middle", INK)
    )


def _legend(names: list[str]) -> str:
    if len(names) < 2:
        return ""
    keys, x = [], float(LEFT)
    for number, name in enumerate(names):
        keys += [f'<path d="M{x:.0f} 22h10v10h-10Z" style="{_fill(number)}"/>', _text(x + 14, 31, name, "start", INK)]
        x += 26 + 7 * len(name)
    return "".join(keys)


def _text(x: float, y: float, text: str, anchor: str, colour: str) -> str:
    style = f"fill:{colour};stroke:{PAPER};stroke-width:3px;paint-order:stroke"
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" style="{style}">{escape(text, 60)}</text>'
