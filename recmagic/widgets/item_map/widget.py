"""The item map: places and colours go to the page as bytes, titles and neighbours when it asks for them."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import traitlets

from recmagic import html
from recmagic.evaluation.item_map import ItemMap
from recmagic.widgets.view import View, plain_json, source

MOST_TITLES = 20  # that a word typed by the user finds
TITLE = 200  # characters


class ItemMapView(View):
    """An ItemMap, alive. `places` holds x, y as float32 between 0 and 1, item after item, `groups` a byte each."""

    places = traitlets.Bytes().tag(sync=True)
    groups = traitlets.Bytes().tag(sync=True)

    _esm = source("item_map", "js")
    _css = source("item_map", "css")

    def __init__(self, result: ItemMap) -> None:
        self._titles = [title[:TITLE] for title in result.titles]
        self._folded = [title.casefold() for title in self._titles]
        counts = np.bincount(result.groups, minlength=len(result.names)).tolist()
        super().__init__(result, plain_json({
            "model": result.model, "color": result.color, "count": len(result.places), "about": repr(result),
            "colours": html.PALETTE,
            "names": [{"name": name, "count": count} for name, count in zip(result.names, counts)],
        }))
        low, high = result.places.min(axis=0), result.places.max(axis=0)
        scaled = (result.places - low) / np.maximum((high - low).max(), 1e-12)  # one scale: distances stay comparable
        self.places = scaled.astype("<f4").tobytes()
        self.groups = result.groups.astype("u1").tobytes()

    def _title(self, place: int) -> str:
        """Return the title of one item."""
        return self._titles[place]

    def _find(self, text: str) -> list[dict[str, Any]]:
        """Return the items whose titles hold a text, those that begin with it first."""
        wanted = text.casefold().strip()
        found = [place for place, title in enumerate(self._folded) if wanted in title] if wanted else []
        found.sort(key=lambda place: not self._folded[place].startswith(wanted))
        return [{"place": place, "title": self._titles[place]} for place in found[:MOST_TITLES]]

    def _near(self, place: int) -> dict[str, Any]:
        """Return an item's title and its neighbours by the whole vectors: place on the map, title, cosine."""
        rows = self.result.every.rows
        near = self.result.near(int(rows[place]))
        at = np.searchsorted(rows, near.found[0])
        return {"title": self._titles[place],
                "near": [{"place": int(each), "title": self._titles[each], "cosine": float(score)}
                         for each, score in zip(at, near.scores[0])]}

    answers: ClassVar = {"title": _title, "find": _find, "near": _near}


def view(result: ItemMap) -> ItemMapView:
    """Return the view of a map."""
    return ItemMapView(result)
