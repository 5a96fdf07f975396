"""The items of a model in two dimensions, so that one can see which ones it takes for alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from recmagic import html
from recmagic.data.column import Column
from recmagic.data.dataset import Dataset
from recmagic.errors import DataError, did_you_mean
from recmagic.evaluation.embeddings import Embeddings
from recmagic.evaluation.neighbours import Neighbours, neighbours
from recmagic.evaluation.segments import figure, most_frequent
from recmagic.evaluation.shown import item_names
from recmagic.evaluation.umap import umap

METHODS = ("pca", "umap")
MOST_GROUPS = 6  # colours that can be told apart; the rest shares one
DRAWN = 300  # items of the static drawing
POPULARITY = "popularity"


@dataclass(frozen=True, repr=False)
class ItemMap:
    """Where each item lies: `places` float64 (N, 2) of the rows `every.rows`, and the `groups` they are coloured by.

    `names` are the groups' (in words, most frequent first) and `groups` int (N,) says which; `share` is how much of the
    vectors' spread the two dimensions show, where it can be said.
    """

    model: str
    data: Dataset
    every: Embeddings
    places: NDArray[np.float64]
    color: str
    names: tuple[str, ...]
    groups: NDArray[np.int64]
    method: str
    share: float | None = None

    @property
    def titles(self) -> list[str]:
        """What people call each item."""
        return [str(name) for name in item_names(self.data, self.every.rows)]

    @property
    def df(self) -> pd.DataFrame:
        """One row an item: item_id, x, y, title, and the group that it is coloured by."""
        return pd.DataFrame({"item_id": self.data.items.ids[self.every.rows], "x": self.places[:, 0],
                             "y": self.places[:, 1], "title": self.titles,
                             "color": [self.names[group] for group in self.groups]})

    def near(self, item_row: int, k: int = 10) -> Neighbours:
        """Return the k items most similar to one, by the whole vectors and not by the map."""
        return neighbours(self.every, np.array([item_row], np.int32), self.data, k)

    def __repr__(self) -> str:
        shown = "" if self.share is None else f", {self.share:.0%} of the spread"
        by = self.model or "a model"
        return (f"ItemMap of {len(self.places):,} items by {by} ({self.method}{shown}), coloured by {self.color}; "
                ".df has x and y")

    def _repr_html_(self) -> str:
        counts = np.bincount(self.groups, minlength=len(self.names))
        some = np.unique(np.linspace(0, len(self.places) - 1, min(DRAWN, len(self.places))).astype(int))
        dots = [html.Dots(name, *self.places[some[self.groups[some] == group]].T.tolist())
                for group, name in enumerate(self.names)]
        drawing = html.scatter(dots, title=f"Items by {self.model}, coloured by {self.color}", legend=True)
        note = f"{len(some):,} of them are drawn." if len(some) < len(self.places) else "All of them are drawn."
        table = html.table([self.color, "items"], list(zip(self.names, counts.tolist())), numeric=["items"])
        return html.page([f"{self!r}. {note}", drawing, html.fold("Items of each colour", table)])


def item_map(every: Embeddings, data: Dataset, color: str | None, method: str) -> ItemMap:
    """Return the map of the items that the model knows, coloured by a column of theirs or by their popularity.

    color: by default genres or another multi-valued column, else popularity. DataError at an unknown column or method,
    or with fewer than three items.
    """
    if method not in METHODS:
        raise DataError(f"There is no method '{method}' of drawing a map.", "Take pca or umap.")
    known = np.flatnonzero(every.known)
    if len(known) < 3:
        raise DataError(f"A map of {len(known)} items shows nothing.", "The model must know three items or more.")
    kept = Embeddings(every.side, every.rows[known], every.vectors[known], every.facts.iloc[known],
                      np.ones(len(known), bool), every.model)
    places, share = _pca(kept.vectors) if method == "pca" else (umap(kept.vectors), None)
    color = color or next((name for name, column in data.items.columns.items() if column.kind == "multi"), POPULARITY)
    names, groups = _colours(data, color, kept.rows)
    return ItemMap(every.model, data, kept, places, color, names, groups, method, share)


def _pca(vectors: NDArray[np.float32]) -> tuple[NDArray[np.float64], float]:
    """Return the first two principal components (N, 2), and the share of the variance that they have."""
    centred = vectors.astype(np.float64) - vectors.mean(axis=0, dtype=np.float64)
    values, axes = np.linalg.eigh(centred.T @ centred)
    first = axes[:, ::-1][:, :2]
    first = first * np.where(first[np.abs(first).argmax(axis=0), range(first.shape[1])] < 0, -1.0, 1.0)
    places = np.zeros((len(centred), 2))
    places[:, : first.shape[1]] = centred @ first  # a vector of one number has one component
    return places, float(values[::-1][:2].sum() / max(values.sum(), 1e-12))


def _colours(data: Dataset, color: str, rows: NDArray[np.int32]) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    if color == POPULARITY:
        counts = np.bincount(data.interactions.relevant("train").indices, minlength=data.items.count + 1)[rows]
        return _ranges(counts.astype(np.float64), "{} interactions")
    if color not in data.items.columns:
        hint = did_you_mean(color, [*data.items.columns, POPULARITY])
        raise DataError(f"The items of '{data.name}' have no column '{color}'.",
                        hint or f"Take popularity, or one of {', '.join(data.items.columns)}.")
    column = data.items.columns[color]
    if column.kind in ("number", "date"):
        return _ranges(column.originals()[rows], "{}", column.kind == "date")
    if column.kind not in ("category", "multi"):
        raise DataError(f"'{color}' has no few values to colour by.", "Take a category, a number or popularity.")
    return _values(column, rows)


def _values(column: Column, rows: NDArray[np.int32]) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """Give each item the first of its values that is among the most frequent ones."""
    codes = column.values.reshape(len(column.values), -1)[rows]
    frequent = most_frequent(codes, MOST_GROUPS)
    groups = np.full(len(rows), len(frequent))
    for place in reversed(range(codes.shape[1])):
        for group, code in enumerate(frequent):
            groups[codes[:, place] == code] = group
    return tuple([str(column.vocabulary[code]) for code in frequent] + ["other"]), groups


def _ranges(values: NDArray[np.float64], words: str, dates: bool = False) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """Cut numbers into four ranges of about as many items."""
    known = np.isfinite(values)
    edges = np.unique(np.quantile(values[known], (0.25, 0.5, 0.75))) if known.any() else np.zeros(0)
    groups = np.where(known, np.searchsorted(edges, values, side="right"), len(edges) + 1)
    names = []
    for group in range(len(edges) + 1):
        inside = values[groups == group]
        ends = [inside.min(), inside.max()] if len(inside) else [np.nan, np.nan]
        told = [figure(end, dates and bool(np.isfinite(end))) for end in ends]
        names.append(words.format(" to ".join(dict.fromkeys(told))))
    return (*names, "not known"), groups
