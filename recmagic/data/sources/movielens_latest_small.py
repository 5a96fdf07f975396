"""MovieLens latest-small: 610 users, 9,724 rated movies, 100,836 ratings from 0.5 to 5 (edition of 9/2018)."""

from __future__ import annotations

from pathlib import Path

from recmagic.data.readers.archive import Download, Listener, folder_of
from recmagic.data.readers.files import read_files
from recmagic.data.readers.movielens import LICENCE, SERVER, with_year, without_none
from recmagic.data.tables import Tables

_DOWNLOAD = Download(
    f"{SERVER}/ml-latest-small.zip",
    "696d65a3dfceac7c45750ad32df2c259311949efec81f0f144fdfb91ebc9e436",
    "ml-latest-small.zip",
)


def load(path: str | Path | None = None, listen: Listener | None = None) -> Tables:
    """Return its tables: items with title, year and genres."""
    folder = folder_of("ml-latest-small", ("ratings.csv", "movies.csv"), (_DOWNLOAD,), path, listen)
    names = {"userId": "user_id", "movieId": "item_id"}
    items = read_files([str(folder / "movies.csv")]).rename(columns=names)
    return Tables(
        name="movielens-latest-small",
        interactions=read_files([str(folder / "ratings.csv")]).rename(columns=names),
        items=with_year(items.assign(genres=without_none(items["genres"]))),
        rating="rating", time="timestamp", item_key="item_id", kinds={"title": "text", "genres": "multi"},
        licence=LICENCE, labels={"item": "title"}, rating_scale=(0.5, 5),
    )
