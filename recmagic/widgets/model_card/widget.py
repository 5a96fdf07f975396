"""The view of a card: what its page draws, as plain JSON."""

from __future__ import annotations

import re
from typing import Any

from recmagic.compiler.card import BESIDE, Card
from recmagic.html.layout import BOX_HEIGHT, BOX_WIDTH, place
from recmagic.widgets.view import View, source

START = re.compile(r"(\w+)[ \t]*=(?!=)")


class ModelCard(View):
    """Text, drawing and table of a model; a name ties a statement to its box."""

    _esm = source("model_card", "js")
    _css = source("model_card", "css")

    def __init__(self, card: Card) -> None:
        super().__init__(card, {
            "head": card.head, "name": card.name, "text": _lines(card.text), "drawing": _drawing(card),
            "columns": ["line", "is", "shape", "sides", "parameters"], "rows": card.rows, "notes": card.notes,
            "told": card.told, "beside": {"columns": BESIDE, "rows": [list(row) for row in card.beside]}})


def _lines(text: str) -> list[dict[str, str]]:
    """Return the lines of a cell, each with the name of the statement that it belongs to."""
    name, lines = "", []
    for line in text.split("\n"):
        found = START.match(line)
        name = found[1] if found else name
        lines.append({"text": line, "name": "" if line.startswith("#") else name})
    return lines


def _drawing(card: Card) -> dict[str, Any]:
    nodes = card.nodes
    names = [node.name for node in nodes]
    edges = [edge for edge in dict.fromkeys(card.edges) if set(edge) <= set(names)]
    layout = place(names, edges)
    return {
        "width": layout.width, "height": layout.height, "box": [BOX_WIDTH, BOX_HEIGHT],
        "boxes": [{"name": node.name, "caption": node.caption, "side": node.side, "flows": node.flows,
                   "at": layout.places[node.name]} for node in nodes],
        "edges": [{"from": start, "to": end, "points": layout.route(start, end)} for start, end in edges],
    }
