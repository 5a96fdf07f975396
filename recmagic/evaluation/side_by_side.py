"""The lists of several models for the same users side by side: what they agree on, and what moves."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from recmagic import html
from recmagic.data.dataset import Dataset
from recmagic.errors import ModelError
from recmagic.evaluation.recommendations import USERS_SHOWN, Recommendations
from recmagic.evaluation.shown import item_names
from recmagic.evaluation.text_table import text_table


@dataclass(frozen=True, repr=False)
class SideBySide:
    """The `lists` of two or more models, made for the same users; the first is what the others are held against."""

    lists: tuple[Recommendations, ...]

    @property
    def df(self) -> pd.DataFrame:
        """All lists under each other: the model's name, then the columns of each list."""
        frames = [each.df for each in self.lists]
        for frame, each in zip(frames, self.lists):
            frame.insert(0, "model", each.model)
        return pd.concat(frames, ignore_index=True)

    @property
    def data(self) -> Dataset:
        """The data that all models stand on."""
        return self.lists[0].data

    def write(self, path: str | Path) -> Path:
        """Raise ModelError: a file holds the lists of one model."""
        raise ModelError(f"A file holds the lists of one model, and here are {len(self.lists)}.",
                         "Name one model, or write .df.to_parquet(path) yourself.")

    def noted(self, note: str) -> SideBySide:
        """Return the same lists with a further note."""
        return SideBySide(tuple(each.noted(note) for each in self.lists))

    def __len__(self) -> int:
        return len(self.lists[0])

    def __repr__(self) -> str:
        parts = [self._title()]
        for place in range(min(len(self), USERS_SHOWN)):
            columns, rows = self._table(place)
            parts += [f"user {self.lists[0].user_ids[place]}", text_table(columns, rows), *self.agreement(place)]
        return "\n".join([*parts, *self._more(), *self._notes()])

    def _repr_html_(self) -> str:
        tables = []
        for place in range(min(len(self), USERS_SHOWN)):
            columns, rows = self._table(place)
            caption = f"Recommended by {self._names()} for user {self.lists[0].user_ids[place]}"
            tables.append(html.table(columns, rows, caption, notes=self.agreement(place)))
        return html.page([*tables, *self._more(), *self._notes()])

    def agreement(self, place: int) -> list[str]:
        """Return a sentence for each further model: how many items its list shares with the first model's."""
        first, *others = (each.items[place][each.items[place] > 0] for each in self.lists)
        return [agreement(first, other, self.lists[0].model, each.model)
                for each, other in zip(self.lists[1:], others)]

    def _table(self, place: int) -> tuple[list[str], list[list[object]]]:
        """Return columns and rows: a rank each, with what every model has there, and how it moved."""
        columns, cells = ["rank"], []
        first = self.lists[0].items[place]
        for number, each in enumerate(self.lists):
            items = each.items[place]
            names = item_names(each.data, items[items > 0])
            column = [[name, float(score)] for name, score in zip(names, each.scores[place])]
            columns += [each.model, "score"]
            if number:
                columns.append(f"against {self.lists[0].model}")
                column = [[*cell, move] for cell, move in zip(column, moves(first, items))]
            cells.append((column, len(columns)))
        deep = max(len(column) for column, _ in cells)
        widths = [2] + [3] * (len(self.lists) - 1)
        return columns, [
            [nth + 1, *(value for (column, _), width in zip(cells, widths)
                        for value in (column[nth] if nth < len(column) else [None] * width))]
            for nth in range(deep)]

    def _names(self) -> str:
        return " and ".join(each.model for each in self.lists)

    def _title(self) -> str:
        return f"Recommendations by {self._names()} for {len(self):,} user{'s' if len(self) != 1 else ''}"

    def _more(self) -> list[str]:
        left = len(self) - USERS_SHOWN
        return [f"… and {left:,} more users: .df has them all."] if left > 0 else []

    def _notes(self) -> list[str]:
        return list(dict.fromkeys(note for each in self.lists for note in each.notes))


def moves(first: NDArray[np.int32], other: NDArray[np.int32]) -> list[str]:
    """Return for each item of the other list (k,) where it stands against the first: ▲3, ▼2, = or new."""
    was = {int(item): nth for nth, item in enumerate(first) if item}
    return [moved(was.get(int(item)), nth) for nth, item in enumerate(other) if item]


def moved(was: int | None, now: int) -> str:
    """Return a move in a sign that people know."""
    if was is None:
        return "new"
    return "=" if was == now else f"▲{was - now}" if was > now else f"▼{now - was}"


def agreement(first: NDArray[np.int32], other: NDArray[np.int32], name: str, other_name: str) -> str:
    """Return how many of the first list's items the other has, in words and as overlap@k."""
    common, k = len(np.intersect1d(first, other)), max(len(first), len(other), 1)
    return f"{common} of {k} in common between {name} and {other_name} (overlap@{k} {common / k:.2f})."
