"""Places for the boxes of a layered graph (Sugiyama, Tagawa & Toda 1981: layers, then order by neighbours' average)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Sequence

BOX_WIDTH, BOX_HEIGHT = 158, 52
GAP_ACROSS, GAP_DOWN, MARGIN = 18, 34, 6
LANE = 14  # the width that a line takes where it passes a layer without a box
SWEEPS = 4

Edge = tuple[str, str]
Slot = tuple[str, ...]  # ("name",) is a box; ("from", "to", "layer") is where a long line passes a layer


@dataclass(frozen=True)
class Layout:
    """The upper left corner of each box, where each line passes the layers between, and the size of the whole."""

    places: dict[str, tuple[float, float]]
    lanes: dict[Edge, list[tuple[float, float]]]
    width: float
    height: float

    def route(self, start: str, end: str) -> list[tuple[float, float]]:
        """Return the points of a line: from the bottom of one box, past the layers between, to the top of the other."""
        (from_x, from_y), (to_x, to_y) = self.places[start], self.places[end]
        head, tail = (from_x + BOX_WIDTH / 2, from_y + BOX_HEIGHT), (to_x + BOX_WIDTH / 2, to_y)
        return [head, *self.lanes.get((start, end), []), tail]


def place(names: Sequence[str], edges: Sequence[Edge]) -> Layout:
    """Return the layout of an acyclic graph whose names stand in an order that its edges follow."""
    depth = _depths(names, edges)
    layers, links = _slots(names, edges, depth)
    for sweep in range(SWEEPS):
        _order(layers, links, downwards=sweep % 2 == 0)
    total = max(sum(_width(slot) for slot in layer) + GAP_ACROSS * (len(layer) - 1) for layer in layers)
    places: dict[str, tuple[float, float]] = {}
    lanes: dict[Edge, list[tuple[float, float]]] = {}
    for row, layer in enumerate(layers):
        used = sum(_width(slot) for slot in layer) + GAP_ACROSS * (len(layer) - 1)
        x, y = MARGIN + (total - used) / 2, MARGIN + row * (BOX_HEIGHT + GAP_DOWN)
        for slot in layer:
            if len(slot) == 1:
                places[slot[0]] = (x, y)
            else:
                lanes.setdefault((slot[0], slot[1]), []).extend([(x + LANE / 2, y), (x + LANE / 2, y + BOX_HEIGHT)])
            x += _width(slot) + GAP_ACROSS
    height = len(layers) * (BOX_HEIGHT + GAP_DOWN) - GAP_DOWN + 2 * MARGIN
    return Layout(places, lanes, total + 2 * MARGIN, height)


def _width(slot: Slot) -> int:
    return BOX_WIDTH if len(slot) == 1 else LANE


def _depths(names: Sequence[str], edges: Sequence[Edge]) -> dict[str, int]:
    """Return each node's layer: one below the lowest that feeds it, and sources right above what they feed."""
    feeds: dict[str, list[str]] = {name: [] for name in names}
    fed: dict[str, list[str]] = {name: [] for name in names}
    for start, end in edges:
        feeds[start].append(end)
        fed[end].append(start)
    depth: dict[str, int] = {}
    for name in names:
        depth[name] = max((depth[other] + 1 for other in fed[name] if other in depth), default=0)
    for name in reversed(names):
        if not fed[name] and feeds[name]:
            depth[name] = min(depth[other] for other in feeds[name]) - 1
    return depth


def _slots(
    names: Sequence[str], edges: Sequence[Edge], depth: dict[str, int]
) -> tuple[list[list[Slot]], list[tuple[Slot, Slot]]]:
    """Return the boxes and lanes of each layer, and which touches which, upper first."""
    layers: list[list[Slot]] = [[] for _ in range(max(depth.values()) + 1)]
    for name in names:
        layers[depth[name]].append((name,))
    links: list[tuple[Slot, Slot]] = []
    for start, end in edges:
        above: Slot = (start,)
        for layer in range(depth[start] + 1, depth[end]):
            lane: Slot = (start, end, str(layer))
            layers[layer].append(lane)
            links.append((above, lane))
            above = lane
        links.append((above, (end,)))
    return layers, links


def _order(layers: list[list[Slot]], links: list[tuple[Slot, Slot]], *, downwards: bool) -> None:
    """Sort each layer by where its neighbours stand in the layer just passed, as shares of its width."""
    neighbours: dict[Slot, list[Slot]] = {}
    for above, below in links:
        inner, outer = (below, above) if downwards else (above, below)
        neighbours.setdefault(inner, []).append(outer)
    sequence = layers if downwards else layers[::-1]
    spot: dict[Slot, float] = {}
    for layer in sequence:
        for index, slot in enumerate(layer):
            others = [spot[other] for other in neighbours.get(slot, []) if other in spot]
            # A slot without neighbours on that side keeps its place.
            spot[slot] = sum(others) / len(others) if others else (index + 0.5) / len(layer)
        layer.sort(key=spot.__getitem__)
        spot.update({slot: (index + 0.5) / len(layer) for index, slot in enumerate(layer)})
