"""The film club: 2,000 simulated members, about 150,000 simulated ratings of 649 real film titles; the default data."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from recmagic.data.films.catalogue import FOLDER, read_films
from recmagic.data.films.simulate import Books
from recmagic.data.films.truth import Truth
from recmagic.data.tables import Tables

NOTE = ("A simulation: titles, years, genres and directors are real, the synopses were written for recmagic, and every "
        "member and rating is made up.")
LICENCE = "Made for recmagic and under its licence."


def load(path: str | Path | None = None, listen: Callable[[int, int | None], None] | None = None) -> Tables:
    """Return the club's tables and its truth; they lie in the package, so `path` and `listen` are not used."""
    with np.load(FOLDER / "ratings.npz") as stored:
        columns = {name: stored[name].astype(np.int64) for name in ("user_id", "item_id", "rating", "timestamp")}
    books = Books(columns["user_id"] - 1, columns["item_id"] - 1, columns["rating"], columns["timestamp"])
    items = read_films().drop(columns="fame")
    items["franchise"] = items["franchise"].replace("", None)
    return Tables(
        name="films",
        interactions=pd.DataFrame(columns),
        users=pd.read_csv(FOLDER / "members.csv"),
        items=items,
        rating="rating", time="timestamp", user_key="user_id", item_key="item_id",
        kinds={"age": "number", "country": "category", "joined": "date", "title": "text", "year": "number",
               "genres": "multi", "origin": "category", "director": "category", "franchise": "category",
               "synopsis": "text"},
        licence=LICENCE, note=NOTE, positive="rating >= 4", truth=Truth(books),
        labels={"item": "title"}, rating_scale=(1, 5),
    )
