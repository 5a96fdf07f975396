"""MovieLens 1M: 6,040 users, 3,706 rated movies, 1,000,209 ratings (Harper and Konstan 2015, doi 10.1145/2827872)."""

from __future__ import annotations

from pathlib import Path

from recmagic.data.readers.archive import Download, Listener, folder_of
from recmagic.data.readers.delimited import read_delimited
from recmagic.data.readers.movielens import LICENCE, SERVER, with_year
from recmagic.data.tables import Tables

_DOWNLOAD = Download(
    f"{SERVER}/ml-1m.zip", "a6898adb50b9ca05aa231689da44c217cb524e7ebd39d264c56e2832f2c54e20", "ml-1m.zip")


def load(path: str | Path | None = None, listen: Listener | None = None) -> Tables:
    """Return its tables: users with gender, age (the lowest of a group), occupation and zip; items as in 100K."""
    folder = folder_of("ml-1m", ("ratings.dat", "movies.dat", "users.dat"), (_DOWNLOAD,), path, listen)
    items = read_delimited(
        folder / "movies.dat", {"item_id": "BIGINT", "title": "VARCHAR", "genres": "VARCHAR"}, "::", "latin-1")
    return Tables(
        name="movielens-1m",
        interactions=read_delimited(
            folder / "ratings.dat", dict.fromkeys(("user_id", "item_id", "rating", "timestamp"), "BIGINT"), "::"),
        users=read_delimited(
            folder / "users.dat", {"user_id": "BIGINT", "gender": "VARCHAR", "age": "BIGINT"}
            | dict.fromkeys(("occupation", "zip"), "VARCHAR"), "::"),
        items=with_year(items),
        rating="rating", time="timestamp", user_key="user_id", item_key="item_id",
        kinds={"zip": "category", "occupation": "category", "title": "text", "genres": "multi"},
        licence=LICENCE, labels={"item": "title"}, rating_scale=(1, 5),
    )
