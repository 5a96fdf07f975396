"""Lists for users: a table of user_id, item_id, score, rank and the items' columns, and views that people can read."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from recmagic import html
from recmagic.data.dataset import Dataset
from recmagic.evaluation.liked import liked_items
from recmagic.evaluation.shown import fact_columns, item_names, multi_valued, plain, short_names
from recmagic.evaluation.text_table import text_table
from recmagic.evaluation.writing import write

if TYPE_CHECKING:
    from recmagic.evaluation.recommending import Asked

USERS_SHOWN, ROWS_SHOWN, LIKED_SHOWN = 5, 20, 5
OWN = ("user_id", "item_id", "score", "rank")
HIT = "hit: in the {} part"


@dataclass(frozen=True, repr=False)
class Recommendations:
    """The lists of U users, best first.

    `user_ids` object (U,), as the user's table says them, or a word for a new user; `items` int32 (U, k) item rows, 0
    where a list is shorter; `scores` float (U, k); `liked` the item rows that each user liked, for those that the data
    does not know (new users); `model` the name of what made the lists; `notes` what the reader must know; `hits` bool
    (U, k) what the user liked in the part `as_of`, None where the lists were made after all parts; `asked` the model
    and what it was asked, for a live view; `images` the item column that holds addresses of pictures.
    """

    user_ids: NDArray[np.object_]
    items: NDArray[np.int32]
    scores: NDArray[Any]
    data: Dataset
    liked: Sequence[NDArray[np.int32]] | None = None
    model: str = ""
    notes: tuple[str, ...] = ()
    hits: NDArray[np.bool_] | None = None
    as_of: str | None = None
    asked: Asked | None = field(default=None, compare=False)
    images: str | None = None

    @property
    def df(self) -> pd.DataFrame:
        """One row a listed item: user_id, item_id, score, rank (from 1), hit where hits are marked, then the item's own
        columns."""
        place, nth = np.nonzero(self.items)
        item = self.items[place, nth]
        own = {
            "user_id": pd.Series(self.user_ids.tolist()).take(place).to_numpy(),
            "item_id": pd.Series(self.data.items.ids[1:].tolist()).take(item - 1).to_numpy(),
            "score": self.scores[place, nth],
            "rank": nth + 1,
        }
        if self.hits is not None:
            own["hit"] = self.hits[place, nth]
        facts = self.facts().take(item - 1).reset_index(drop=True)
        return pd.concat([pd.DataFrame(own), facts], axis=1)

    def write(self, path: str | Path) -> Path:
        """Write `df` to a Parquet or CSV file without building it in memory; return the path."""
        return write(path, self.user_ids, self.items, self.scores, self.data.items.ids[1:], self.facts(), self.hits)

    def noted(self, note: str) -> Recommendations:
        """Return the same lists with a further note."""
        return replace(self, notes=(*self.notes, note))

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "asked": None}  # what is kept or sent elsewhere is the lists, without the model

    def __len__(self) -> int:
        return len(self.user_ids)

    def __repr__(self) -> str:
        rows = []
        for place, nth in np.argwhere(self.items > 0)[:ROWS_SHOWN]:
            item = int(self.items[place, nth])
            name = item_names(self.data, [item])[0]
            rows.append([self.user_ids[place], int(nth) + 1, name, float(self.scores[place, nth])])
        left = int((self.items > 0).sum()) - len(rows)
        more = [f"... and {left:,} more rows in .df"] if left else []
        return "\n".join([self._title(), text_table(["user_id", "rank", "item", "score"], rows), *more, *self.notes])

    def _repr_html_(self) -> str:
        lists = [self._list(place) for place in range(min(len(self), USERS_SHOWN))]
        left = len(self) - len(lists)
        more = [f"… and {left:,} more users: .df has them all, .write(path) writes them."] if left else []
        return html.page([*([self._title()] if left else []), *lists, *more, *self.notes])

    def _title(self) -> str:
        by = f" by {self.model}" if self.model else ""
        return f"Recommendations{by} for {len(self):,} user{'s' if len(self) != 1 else ''}"

    def _list(self, place: int) -> html.Markup:
        """Draw one user's list, with what the user liked under it."""
        items = self.items[place][self.items[place] > 0]
        scores = self.scores[place][self.items[place] > 0].astype(float)
        facts = self.facts()
        shown = [name for name in fact_columns(self.data, facts) if name != self.images]
        many = multi_valued(self.data)
        low, high = scale(scores)
        rows = [
            [rank, *([html.picture(facts.at[item - 1, self.images])] if self.images else []), name,
             *(plain(facts.at[item - 1, column], column in many) for column in shown), score,
             html.bar(score, low, high), *([self.hit(place, rank - 1)] if self.hits is not None else [])]
            for rank, (item, name, score) in enumerate(zip(items, item_names(self.data, items), scores), start=1)
        ]
        columns = ["rank", *([self.images] if self.images else []), self.data.items.label or "item_id", *shown,
                   "score", "", *(["hit"] if self.hits is not None else [])]
        caption = f"Recommended{f' by {self.model}' if self.model else ''} for user {self.user_ids[place]}"
        return html.table(columns, rows, caption, numeric=["rank", "score"], notes=self._liked_note(place))

    def _liked_note(self, place: int) -> list[str]:
        liked = self.liked[place] if self.liked is not None else liked_items(
            self.data, self.user_ids[place], self.as_of)
        if not len(liked):
            return []
        names = ", ".join(short_names(self.data, liked[:LIKED_SHOWN]))
        return [f"Liked before: {names}{', …' if len(liked) > LIKED_SHOWN else ''}"]

    def facts(self) -> pd.DataFrame:
        """Return the items' own columns but the id, renamed where they have the name of one of ours."""
        frame, own = self.data.items.frame, (*OWN, *(["hit"] if self.hits is not None else []))
        facts = frame.iloc[:, 1:].reset_index(drop=True)
        return facts.rename(columns={name: f"item_{name}" for name in facts.columns if name in own})

    def hit(self, place: int, nth: int) -> str:
        """Return the words that mark an item as a hit, "" for any other."""
        return HIT.format(self.as_of) if self.hits is not None and self.hits[place, nth] else ""


def scale(scores: NDArray[Any]) -> tuple[float, float]:
    """Return the ends of the bars: from 0 where no score is below, else from a little under the list's last."""
    if not len(scores):
        return 0.0, 1.0
    low, high = float(scores.min()), float(scores.max())
    return (0.0 if low >= 0 else low - (high - low) / 8), high
