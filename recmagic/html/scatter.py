"""Points as inline SVG: groups told apart by shape, colour and name, with axes where they mean something."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Sequence

from recmagic.html.drawing import drawing
from recmagic.html.text import FAINT, INK, LINE, PAPER, Markup, escape

WIDTH, HEIGHT = 460, 300
LEFT, RIGHT, TOP, BOTTOM = 62, 110, 28, 44  # the label of the upright axis stands above its highest number
# After Okabe and Ito 2008, Color universal design, darkened to three times the contrast of a white and a dark page.
PALETTE = ("#0072b2", "#d55e00", "#008f68", "#b3589a", "#8a6d00", "#7a68c8", "#767676")
_SHAPES = ("circle", "square", "triangle", "diamond")


@dataclass(frozen=True)
class Dots:
    """Points of one name: x and y, equally long."""

    name: str
    x: Sequence[float]
    y: Sequence[float]


def scatter(
    groups: Sequence[Dots], *, title: str, x_label: str = "", y_label: str = "", legend: bool = False
) -> Markup:
    """Return the drawing, with each name beside its last point, or in a legend; without labels it has no axes.

    Points that are not finite are left out; without any there is no drawing.
    """
    kept = [Dots(group.name, *_finite(group)) for group in groups]
    x, y = [value for group in kept for value in group.x], [value for group in kept for value in group.y]
    if not x:
        return Markup("")
    place = _Place(*_limits(x), *_limits(y))
    drawn = "".join(_dots(place, group, number, named=not legend) for number, group in enumerate(kept) if group.x)
    keys = "".join(_key(group.name, number) for number, group in enumerate(kept)) if legend else ""
    axes = _axes(place, x_label, y_label) if x_label else ""
    told = "; ".join(_told(group, x_label, y_label) for group in kept if group.x)
    return drawing(axes + drawn + keys, (WIDTH, HEIGHT), title, told)


@dataclass(frozen=True)
class _Place:
    """From values to places in the drawing."""

    left: float
    right: float
    low: float
    high: float

    def x(self, value: float) -> float:
        return round(LEFT + (value - self.left) / (self.right - self.left) * (WIDTH - LEFT - RIGHT), 1)

    def y(self, value: float) -> float:
        return round(HEIGHT - BOTTOM - (value - self.low) / (self.high - self.low) * (HEIGHT - TOP - BOTTOM), 1)


def _told(group: Dots, x_label: str, y_label: str) -> str:
    if len(group.x) > 1:
        return f"{group.name}: {len(group.x)} points"
    return f"{group.name}: {x_label} {group.x[0]:.4g}, {y_label} {group.y[0]:.4g}"


def _finite(group: Dots) -> tuple[list[float], list[float]]:
    pairs = [(float(x), float(y)) for x, y in zip(group.x, group.y) if math.isfinite(x) and math.isfinite(y)]
    return [x for x, _ in pairs], [y for _, y in pairs]


def _limits(values: list[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    margin = 0.08 * (high - low) or abs(high) * 0.1 or 0.5
    return low - margin, high + margin


def _axes(place: _Place, x_label: str, y_label: str) -> str:
    bottom, right = HEIGHT - BOTTOM, WIDTH - RIGHT
    parts = [f'<path d="M{LEFT} {TOP}V{bottom}H{right}" style="stroke:{LINE};fill:none"/>']
    for share in (0.0, 0.5, 1.0):
        x = place.left + share * (place.right - place.left)
        y = place.low + share * (place.high - place.low)
        parts += [_text(place.x(x), bottom + 16, f"{x:.3g}", "middle", FAINT),
                  _text(LEFT - 6, place.y(y) + 4, f"{y:.3g}", "end", FAINT)]
    parts += [_text((LEFT + right) / 2, HEIGHT - 8, x_label, "middle", INK), _text(4, 12, y_label, "start", INK)]
    return "".join(parts)


def _dots(place: _Place, group: Dots, number: int, named: bool) -> str:
    size = 5.0 if named else 2.5
    drawn = "".join(_mark(place.x(x), place.y(y), number, size) for x, y in zip(group.x, group.y))
    label = _text(place.x(group.x[-1]) + 9, place.y(group.y[-1]) + 4, group.name, "start", INK, 18) if named else ""
    return drawn + label


def _key(name: str, number: int) -> str:
    y = TOP + 8 + number * 18
    return _mark(WIDTH - RIGHT + 12, y, number, 4.5) + _text(WIDTH - RIGHT + 22, y + 4, name, "start", INK, 15)


def _mark(x: float, y: float, number: int, size: float) -> str:
    style = f'style="fill:{PALETTE[number % len(PALETTE)]}"'
    shape = _SHAPES[number % len(_SHAPES)]
    if shape == "circle":
        return f'<circle cx="{x}" cy="{y}" r="{size}" {style}/>'
    if shape == "square":
        return f'<path d="M{x - size} {y - size}h{2 * size}v{2 * size}h{-2 * size}Z" {style}/>'
    if shape == "triangle":
        return f'<path d="M{x} {y - size}l{size} {2 * size}h{-2 * size}Z" {style}/>'
    return f'<path d="M{x} {y - size}l{size} {size}l{-size} {size}l{-size} {-size}Z" {style}/>'


def _text(x: float, y: float, text: str, anchor: str, colour: str, limit: int = 60) -> str:
    style = f"fill:{colour};stroke:{PAPER};stroke-width:3px;paint-order:stroke"
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" style="{style}">{escape(text, limit)}</text>'
