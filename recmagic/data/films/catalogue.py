"""The club's films as the simulation sees them: a place in the space of tastes, fame, quality, and what goes before."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from recmagic.data.films.themes import theme_counts

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FOLDER = Path(__file__).parent
FIRST_YEAR, LAST_YEAR = 2020, 2024  # the years of the club's books
OPENING, CLOSING = (pd.Timestamp(f"{year}-01-01").timestamp() for year in (FIRST_YEAR, LAST_YEAR + 1))
DAY = 86_400.0

GENRES = ("Action", "Adventure", "Animation", "Children", "Comedy", "Crime", "Documentary", "Drama", "Fantasy",
          "Film-Noir", "Horror", "Musical", "Mystery", "Romance", "Sci-Fi", "Thriller", "War", "Western")
ERAS = np.arange(1930, 2030, 15)
COUNTRIES = {  # home countries of the members, and their shares
    "United States": 0.24, "United Kingdom": 0.12, "France": 0.11, "Japan": 0.09, "India": 0.08, "Germany": 0.08,
    "Italy": 0.06, "Spain": 0.05, "South Korea": 0.05, "Brazil": 0.04, "Mexico": 0.04, "Sweden": 0.02, "Poland": 0.02,
}
_DIRECTOR_WIDTH, _HIDDEN_WIDTH = 6, 8


@dataclass(frozen=True)
class Catalogue:
    """The films, in the order of films.csv.

    `table` is films.csv; `place` (films, D) holds blocks of genres, themes, eras, home countries, director, and traits
    that no column shows; `parts` names the columns of each block; `fame` is log-popularity; `quality` shifts ratings;
    `shelf` is the second from which a film can be seen; `before` is the row of the franchise's previous part, or -1;
    `series` numbers the franchise, 0 for none; `bills` (films, 2) are the rows that the club likes to show after it.
    """

    table: pd.DataFrame
    place: Floats
    parts: dict[str, slice]
    fame: Floats
    quality: Floats
    shelf: Floats
    before: Ints
    series: Ints
    bills: Ints


def read_films() -> pd.DataFrame:
    """Return films.csv; its column `fame` (1 to 5, invented) is an input of the simulation and not part of the data."""
    return pd.read_csv(FOLDER / "films.csv", keep_default_na=False)


def make_catalogue(random: np.random.RandomState) -> Catalogue:
    """Place every film in the space of tastes."""
    table = read_films()
    blocks = {
        "genre": _shares(table["genres"].str.get_dummies("|")[list(GENRES)].to_numpy(dtype=float)),
        "theme": _shares(theme_counts(table["synopsis"].tolist())),
        "era": np.exp(-(((table["year"].to_numpy()[:, None] - ERAS) / 10.0) ** 2)),
        "home": (table["origin"].to_numpy()[:, None] == np.array(list(COUNTRIES))).astype(float),
        "director": _by_value(table["director"], random, _DIRECTOR_WIDTH),
        "hidden": random.normal(size=(len(table), _HIDDEN_WIDTH)) / np.sqrt(_HIDDEN_WIDTH),
    }
    ends = np.cumsum([block.shape[1] for block in blocks.values()])
    parts = {name: slice(int(end) - block.shape[1], int(end)) for end, (name, block) in zip(ends, blocks.items())}
    place = np.concatenate(list(blocks.values()), axis=1)
    fame = 0.8 * (table["fame"].to_numpy(dtype=float) - 3) + random.normal(scale=0.3, size=len(table))
    quality = 0.1 * fame + random.normal(scale=0.3, size=len(table))
    before, series = _franchises(table)
    return Catalogue(
        table, place, parts, fame, quality, _shelf(table, random), before, series, _double_bills(place, random)
    )


def _shares(counts: Floats) -> Floats:
    """Scale rows to length 1, rare columns weighing more."""
    weighted = counts * np.log(len(counts) / np.maximum((counts > 0).sum(axis=0), 1))
    return np.asarray(weighted / np.maximum(np.linalg.norm(weighted, axis=1, keepdims=True), 1e-9))


def _by_value(column: pd.Series, random: np.random.RandomState, width: int) -> Floats:
    """Return one random vector a distinct value, repeated for its rows."""
    codes, values = pd.factorize(column)
    return np.asarray((random.normal(size=(len(values), width)) / np.sqrt(width))[codes])


def _shelf(table: pd.DataFrame, random: np.random.RandomState) -> Floats:
    """Films of the club's own years arrive evenly through the year, in the file's order; a few old ones come late."""
    shelf = np.full(len(table), OPENING)
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        rows = np.flatnonzero(table["year"] == year)
        start = pd.Timestamp(f"{year}-01-01").timestamp()
        shelf[rows] = start + 365 * DAY * (np.arange(len(rows)) + 0.5) / len(rows)
    old = np.flatnonzero((table["year"] < FIRST_YEAR) & (table["franchise"] == ""))
    late = random.permutation(old)[: len(table) // 12]
    shelf[late] = random.uniform(OPENING, CLOSING - 60 * DAY, size=len(late))
    return np.asarray(np.floor(shelf))


def _franchises(table: pd.DataFrame) -> tuple[Ints, Ints]:
    """Return each film's previous part (-1 for none) and the number of its franchise (0 for none)."""
    before = np.full(len(table), -1)
    series = np.zeros(len(table), dtype=np.int64)
    named = table["franchise"][table["franchise"] != ""]
    for number, (_, rows) in enumerate(named.groupby(named, sort=True), start=1):
        series[rows.index] = number
        before[rows.index[1:]] = rows.index[:-1]
    return before, series


def _double_bills(place: Floats, random: np.random.RandomState) -> Ints:
    """Return the two films that the club shows after each: near in taste, but chosen by whim, so only data tells."""
    near = place @ place.T + random.gumbel(scale=0.6, size=(len(place), len(place)))
    np.fill_diagonal(near, -np.inf)
    return np.argsort(-near, axis=1, kind="stable")[:, :2]
