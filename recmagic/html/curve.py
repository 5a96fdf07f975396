"""A line chart as inline SVG: axes, one line a series told apart by colour, dash and label, and a mark at the best."""

from __future__ import annotations

import math
from typing import Mapping, Sequence

from recmagic.html.drawing import drawing
from recmagic.html.text import FAINT, INK, LINE, PAPER, Markup, escape

WIDTH, HEIGHT = 416, 220
LEFT, RIGHT, TOP, BOTTOM = 74, 92, 28, 40  # on the left, ten digits of a number
LABEL = 13  # from one line's name to the next
_STROKES = (
    ("var(--jp-brand-color1, #1976d2)", "none"),
    ("var(--jp-warn-color1, #e65100)", "6 3"),
    ("var(--jp-success-color1, #2e7d32)", "2 3"),
    (INK, "8 3 2 3"),
)


def curve(
    series: Mapping[str, Sequence[float]],
    *,
    best: int | None = None,
    title: str = "",
    x_label: str = "epoch",
    y_label: str = "",
    first: int = 1,
) -> Markup:
    """Return a chart of series of equal length over first, first + 1, ...; `best` is the x value to mark.

    Values that are not finite leave a gap. An empty mapping, or series without a finite value, gives empty HTML.
    """
    finite = [value for values in series.values() for value in values if math.isfinite(value)]
    if not finite:
        return Markup("")
    count = max(len(values) for values in series.values())
    frame = _Frame(first, first + count - 1, *_limits(min(finite), max(finite)))
    lines = "".join(_line(frame, list(values), place) for place, values in enumerate(series.values()))
    mark = _best_mark(frame, best) if best is not None else ""
    shapes = _axes(frame, title, x_label, y_label) + mark + lines + _labels(frame, series)
    return drawing(shapes, (WIDTH, HEIGHT), title or ", ".join(series), _described(series, best, first, x_label))


class _Frame:
    """The mapping from values to places in the drawing."""

    def __init__(self, first: int, last: int, low: float, high: float) -> None:
        self.first, self.last, self.low, self.high = first, last, low, high

    def x(self, value: float) -> float:
        span = max(self.last - self.first, 1)
        return round(LEFT + (value - self.first) / span * (WIDTH - LEFT - RIGHT), 1)

    def y(self, value: float) -> float:
        return round(HEIGHT - BOTTOM - (value - self.low) / (self.high - self.low) * (HEIGHT - TOP - BOTTOM), 1)


def _limits(low: float, high: float) -> tuple[float, float]:
    margin = 0.05 * (high - low) or abs(high) * 0.05 or 0.5
    return low - margin, high + margin


def _ticks(low: float, high: float, count: int = 5) -> list[float]:
    """Return two or more numbers between low and high, 1, 2 or 5 times a power of ten apart (count: 5 or more)."""
    rough = (high - low) / count
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * 0.999)
    start = math.ceil(low / step)
    return [number * step for number in range(start, math.floor(high / step) + 1)]


def _steps(first: int, last: int) -> list[int]:
    if first == last:
        return [first]
    return sorted({step for step in map(round, _ticks(first, last, 6)) if first <= step <= last})


def _axes(frame: _Frame, title: str, x_label: str, y_label: str) -> str:
    bottom = HEIGHT - BOTTOM
    parts = []
    for value in _ticks(frame.low, frame.high):
        place = frame.y(value)
        parts.append(f'<path d="M{LEFT} {place}H{WIDTH - RIGHT}" style="stroke:{LINE};stroke-opacity:.5"/>')
        parts.append(_text(LEFT - 6, place + 4, f"{value:.6g}", "end", FAINT))
    for step in _steps(frame.first, frame.last):
        parts.append(_text(frame.x(step), bottom + 16, str(step), "middle", FAINT))
    parts.append(f'<path d="M{LEFT} {TOP}V{bottom}H{WIDTH - RIGHT}" style="stroke:{LINE};fill:none"/>')
    parts.append(_text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 6, x_label, "middle", INK))
    parts.append(_text(LEFT, 14, title or y_label, "start", INK))
    return "".join(parts)


def _line(frame: _Frame, values: list[float], place: int) -> str:
    colour, dash = _STROKES[place % len(_STROKES)]
    path, pen = [], "M"
    for step, value in enumerate(values, start=frame.first):
        if math.isfinite(value):
            path.append(f"{pen}{frame.x(step)} {frame.y(value)}")
        pen = "L" if math.isfinite(value) else "M"
    if not path:
        return ""
    x, y = _end(frame, values)
    style = f"fill:none;stroke:{colour};stroke-width:2;stroke-dasharray:{dash}"
    return f'<path d="{"".join(path)}" style="{style}"/><circle cx="{x}" cy="{y}" r="3" style="fill:{colour}"/>'


def _end(frame: _Frame, values: Sequence[float]) -> tuple[float, float]:
    """Return the place of the last value that is finite."""
    at = max(step for step, value in enumerate(values) if math.isfinite(value))
    return frame.x(frame.first + at), frame.y(values[at])


def _labels(frame: _Frame, series: Mapping[str, Sequence[float]]) -> str:
    """Return the names at the ends of the lines, moved up or down where two would lie on each other."""
    ends = {name: _end(frame, values) for name, values in series.items() if any(map(math.isfinite, values))}
    ordered = sorted(ends, key=lambda name: ends[name][1])
    heights = [ends[name][1] for name in ordered]
    for place in range(1, len(heights)):
        heights[place] = max(heights[place], heights[place - 1] + LABEL)
    below = float(HEIGHT - BOTTOM + LABEL)
    for place in reversed(range(len(heights))):
        below = heights[place] = min(heights[place], below - LABEL)
    return "".join(_text(ends[name][0] + 7, height + 4, name, "start", INK, limit=14)
                   for name, height in zip(ordered, heights))


def _best_mark(frame: _Frame, best: int) -> str:
    place = frame.x(best)
    line = f'<path d="M{place} {TOP}V{HEIGHT - BOTTOM}" style="stroke:{INK};stroke-dasharray:3 3;stroke-opacity:.7"/>'
    return line + _text(place, TOP - 2, "best", "middle", INK)


def _text(x: float, y: float, text: str, anchor: str, colour: str, limit: int = 60) -> str:
    # The outline in the paper's colour keeps letters readable where a line runs under them.
    style = f"fill:{colour};stroke:{PAPER};stroke-width:3px;paint-order:stroke"
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" style="{style}">{escape(text, limit)}</text>'


def _described(series: Mapping[str, Sequence[float]], best: int | None, first: int, x_label: str) -> str:
    parts = []
    for name, values in series.items():
        finite = [value for value in values if math.isfinite(value)]
        if finite:
            parts.append(f"{name} goes from {finite[0]:.4g} to {finite[-1]:.4g} over {len(values)} values")
    if best is not None:
        parts.append(f"best at {x_label} {best}")
    return "; ".join(parts) + f"; {x_label} starts at {first}."
