"""What the page asks and what it is told, as plain values: lists, history, and the same question in Python."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recmagic import html
from recmagic.data.dataset import Dataset
from recmagic.evaluation.liked import events_of
from recmagic.evaluation.recommendations import Recommendations, scale
from recmagic.evaluation.request import Request
from recmagic.evaluation.shown import item_names, multi_valued, plain
from recmagic.evaluation.side_by_side import agreement, moves
from recmagic.widgets.recommendations.python import in_python

HISTORY_SHOWN, LONGEST = 40, 500  # rows, and characters of a cell


@dataclass
class Question:
    """What the page asks: the lists of a `user` row, or of somebody new who `liked` some item rows; 0 and none: of the
    new user whom the result was made for."""

    user: int = 0
    liked: list[int] = field(default_factory=list)
    k: int = 10
    where: str = ""
    as_of: bool = False
    diversity: float = 0.0
    columns: list[str] = field(default_factory=list)

    def changes(self, asked: Request, data: Dataset, part: str) -> dict[str, Any]:
        """Return the fields that this sets of what was asked first; `part` is the one that lists may be made as of."""
        changes: dict[str, Any] = {"k": int(self.k), "where": self.where.strip() or None,
                                   "diversity": float(self.diversity)}
        if self.liked:
            return changes | {"users": None, "liked": data.items.ids[self.liked].tolist(), "as_of": None}
        if self.user:
            who = {"users": [data.users.ids[int(self.user)]], "liked": None, "features": None}
            return changes | who | {"as_of": part if self.as_of else None}
        return changes if asked.liked is None else changes | {"liked": []}


def answer(question: Question, lists: Sequence[Recommendations],
           before: NDArray[np.int32] | None = None) -> dict[str, Any]:
    """Return what the page shows of lists for one user; `before` are the items that it showed until now."""
    data, first = lists[0].data, lists[0].items[0]
    told = []
    for number, each in enumerate(lists):
        against = first if number else before
        told.append({
            "model": each.model, "notes": list(each.notes), "rows": _rows(each, question.columns, against),
            "against": lists[0].model if number else "the list before" if before is not None else "",
            "agreement": agreement(first, each.items[0], lists[0].model, each.model) if number else ""})
    liked = [{"row": row, "name": _short(name)} for row, name in zip(question.liked, item_names(data, question.liked))]
    return {"question": asdict(question), "who": str(lists[0].user_ids[0]), "lists": told, "liked": liked,
            "history": _history(lists[0], question.user), "code": in_python(lists, question.user)}


def _rows(of: Recommendations, columns: Sequence[str], against: NDArray[np.int32] | None) -> list[dict[str, Any]]:
    items = of.items[0][of.items[0] > 0]
    scores = of.scores[0][: len(items)].astype(float)
    facts, many = of.facts().iloc[items - 1], multi_valued(of.data)
    low, high = scale(scores)
    moved = [""] * len(items) if against is None else moves(against, items)
    return [{
        "item": int(item), "id": of.data.items.ids[item], "rank": nth + 1, "name": _short(name),
        "score": float(scores[nth]), "bar": (scores[nth] - low) / (high - low) if high > low else 1.0,
        "facts": [_short(plain(facts[column].iat[nth], column in many)) for column in columns],
        "hit": of.hit(0, nth), "move": moved[nth],
        "image": html.address(facts[of.images].iat[nth]) if of.images else None,
    } for nth, (item, name) in enumerate(zip(items, item_names(of.data, items)))]


def _history(of: Recommendations, user: int) -> dict[str, Any]:
    """Return what a user had before, the newest first: the name, the rating where there is one, whether it counts."""
    events, log = events_of(of.data, user, of.as_of), of.data.interactions
    shown = events[:HISTORY_SHOWN]
    names = item_names(of.data, log.item_row[shown])
    ratings = [None] * len(shown) if log.rating is None else log.rating[shown].tolist()
    rows = [{"row": int(row), "name": _short(name), "rating": rating, "liked": bool(liked)}
            for row, name, rating, liked in zip(log.item_row[shown], names, ratings, log.positive[shown])]
    return {"rows": rows, "left": len(events) - len(shown), "rated": log.rating is not None}


def _short(value: Any) -> Any:
    return value[:LONGEST] if isinstance(value, str) else value
