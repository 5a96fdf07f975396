"""MovieTweetings, the first 100,000 ratings: 0 to 10, out of tweets (Dooms, De Pessemier and Martens 2013)."""

from __future__ import annotations

from pathlib import Path

from recmagic.data.readers.archive import Download, Listener, folder_of
from recmagic.data.readers.delimited import read_delimited
from recmagic.data.readers.movielens import with_year, without_none
from recmagic.data.tables import Tables

_SERVER = (
    "https://raw.githubusercontent.com/sidooms/MovieTweetings/4d8280a3f1ea83e3e23f13d1710d19f43564274f/snapshots/100K"
)
_DOWNLOADS = (
    Download(f"{_SERVER}/ratings.dat", "c0dd868c2632d10002ebc928ddc5345f33adeaa59eca52c2941c26a2c5e36fd6",
             "100K_ratings.dat"),
    Download(f"{_SERVER}/movies.dat", "e63fb84bc734e3c574f135634a40d3cbafab22b8f94f5fc0b80f80d1d2076efc",
             "100K_movies.dat"),
)


def load(path: str | Path | None = None, listen: Listener | None = None) -> Tables:
    """Return its tables: items with title, year and genres, known by their IMDb number."""
    folder = folder_of("movietweetings", ("100K_ratings.dat", "100K_movies.dat"), _DOWNLOADS, path, listen)
    items = read_delimited(folder / "100K_movies.dat", dict.fromkeys(("item_id", "title", "genres"), "VARCHAR"), "::")
    layout = {"user_id": "BIGINT", "item_id": "VARCHAR", "rating": "BIGINT", "timestamp": "BIGINT"}
    return Tables(
        name="movietweetings",
        interactions=read_delimited(folder / "100K_ratings.dat", layout, "::"),
        items=with_year(items.assign(genres=without_none(items["genres"]))),
        rating="rating", time="timestamp", item_key="item_id", kinds={"title": "text", "genres": "multi"},
        licence="MIT, (c) 2013 Simon Dooms.", labels={"item": "title"}, rating_scale=(0, 10),
    )
