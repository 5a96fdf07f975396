"""A drawing of a layered graph as inline SVG: values from top to bottom, their side told by shape, colour and word."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Iterable, Sequence

from recmagic.html.drawing import drawing
from recmagic.html.layout import BOX_HEIGHT, BOX_WIDTH, Layout, place
from recmagic.html.text import FAINT, INK, PAPER, Markup, escape

_COLOURS = {
    "user": "var(--jp-brand-color1, #1976d2)",
    "item": "var(--jp-warn-color1, #e65100)",
    "both": "var(--jp-success-color1, #2e7d32)",
    "none": FAINT,
}
_WORDS = {"user": "user", "item": "item", "both": "user × item", "none": ""}


@dataclass(frozen=True)
class GraphNode:
    """One box: its name, what it is (a short text under the name), and its side: user, item, both or none.

    `flows` stands beside the lines that leave it: the shape of its value.
    """

    name: str
    caption: str = ""
    side: str = "none"
    flows: str = ""


def graph(nodes: Sequence[GraphNode], edges: Iterable[tuple[str, str]], title: str = "Model graph") -> Markup:
    """Return the drawing of an acyclic graph; edges are pairs of node names (from, to), others are ignored.

    A user's value is a rounded box, an item's a square one, a mixed one has six sides, and one without a side
    is dashed.
    """
    if not nodes:
        return Markup("")
    names = {node.name for node in nodes}
    kept = [(start, end) for start, end in dict.fromkeys(edges) if start in names and end in names]
    layout = place([node.name for node in nodes], kept)
    paths = "".join(_edge(layout, start, end) for start, end in kept)
    boxes = "".join(_box(node, *layout.places[node.name]) for node in nodes)
    feeding = {start for start, _ in kept}
    flows = "".join(_flows(node, *layout.places[node.name]) for node in nodes if node.flows and node.name in feeding)
    told = "; ".join(f"{start} feeds {end}" for start, end in kept)
    return drawing(paths + flows + boxes, (layout.width, layout.height), title, told)


def _edge(layout: Layout, start: str, end: str) -> str:
    points = layout.route(start, end)
    (x, y), rest = points[0], points[1:]
    path = f"M{x} {y}"
    for next_x, next_y in rest:
        middle = (y + next_y) / 2
        path += f"C{x} {middle} {next_x} {middle} {next_x} {next_y}"
        x, y = next_x, next_y
    head = f'<path d="M{x - 4} {y - 7}L{x} {y}L{x + 4} {y - 7}Z" style="fill:{FAINT}"/>'
    return f'<path d="{path}" style="fill:none;stroke:{FAINT};stroke-width:1.3"/>{head}'


def _flows(node: GraphNode, x: float, y: float) -> str:
    place = f'x="{x + BOX_WIDTH / 2 + 5}" y="{y + BOX_HEIGHT + 13}"'
    return f'<text {place} style="fill:{FAINT};font-size:10px">{escape(node.flows, 16)}</text>'


def _box(node: GraphNode, x: float, y: float) -> str:
    side = node.side if node.side in _COLOURS else "none"
    text = "".join(
        f'<text x="{x + BOX_WIDTH / 2}" y="{y + down}" text-anchor="middle" style="{style}">'
        f"{escape(words, limit)}</text>"
        for words, down, limit, style in (
            (node.name, 16, 22, f"fill:{INK};font-weight:600"),
            (node.caption, 31, 26, f"fill:{FAINT};font-size:11px"),
            (_WORDS[side], 45, 22, f"fill:{_COLOURS[side]};font-size:10px"),
        )
        if words
    )
    whole = f"{node.name}: {node.caption}" if node.caption else node.name
    return f"<g><title>{escape(whole, 300)}</title>{_shape(side, x, y)}{text}</g>"


def _shape(side: str, x: float, y: float) -> str:
    dash = "4 3" if side == "none" else "none"
    style = f"fill:{PAPER};stroke:{_COLOURS[side]};stroke-width:2;stroke-dasharray:{dash}"
    if side == "both":
        right, middle, low = x + BOX_WIDTH, y + BOX_HEIGHT / 2, y + BOX_HEIGHT
        points = f"M{x} {middle}L{x + 12} {y}H{right - 12}L{right} {middle}L{right - 12} {low}H{x + 12}Z"
        return f'<path d="{points}" style="{style}"/>'
    radius = 16 if side == "user" else 0
    return f'<rect x="{x}" y="{y}" width="{BOX_WIDTH}" height="{BOX_HEIGHT}" rx="{radius}" style="{style}"/>'
