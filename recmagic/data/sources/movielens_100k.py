"""MovieLens 100K: 943 users, 1,682 movies, 100,000 ratings (Harper and Konstan 2015, doi 10.1145/2827872)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from recmagic.data.readers.archive import Download, Listener, folder_of
from recmagic.data.readers.delimited import read_delimited
from recmagic.data.readers.movielens import LICENCE, SERVER, with_year
from recmagic.data.tables import Tables

_DOWNLOAD = Download(
    f"{SERVER}/ml-100k.zip", "50d2a982c66986937beb9ffb3aa76efe955bf3d5c6b761f4e3a7cd717c6a3229", "ml-100k.zip")


def load(path: str | Path | None = None, listen: Listener | None = None) -> Tables:
    """Return its tables: users with age, gender, occupation and zip; items with title, year, release and genres."""
    folder = folder_of("ml-100k", ("u.data", "u.item", "u.user", "u.genre"), (_DOWNLOAD,), path, listen)
    return Tables(
        name="movielens-100k",
        interactions=read_delimited(
            folder / "u.data", dict.fromkeys(("user_id", "item_id", "rating", "timestamp"), "BIGINT"), "\t"),
        users=read_delimited(
            folder / "u.user", {"user_id": "BIGINT", "age": "BIGINT"}
            | dict.fromkeys(("gender", "occupation", "zip"), "VARCHAR"), "|"),
        items=_items(folder),
        rating="rating", time="timestamp", user_key="user_id", item_key="item_id",
        kinds={"zip": "category", "title": "text", "genres": "multi", "released": "date"},
        licence=LICENCE, labels={"item": "title"}, rating_scale=(1, 5),
    )


def _items(folder: Path) -> pd.DataFrame:
    genres = read_delimited(folder / "u.genre", {"genre": "VARCHAR", "code": "BIGINT"}, "|")["genre"].dropna().tolist()
    names = ["item_id", "title", "released", "video", "url", *genres]
    table = read_delimited(folder / "u.item", dict.fromkeys(names, "VARCHAR") | {"item_id": "BIGINT"}, "|", "latin-1")
    flags = table[genres].to_numpy() == "1"
    joined = ["|".join(np.array(genres)[row]) for row in flags]
    items = table[["item_id", "title", "released"]].assign(genres=joined)
    return with_year(items)
