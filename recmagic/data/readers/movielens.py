"""What the MovieLens archives and their like share: titles with a year in brackets, genres, terms of use."""

from __future__ import annotations

import pandas as pd

LICENCE = "MovieLens (GroupLens, University of Minnesota): research use, no redistribution, no commercial use."
SERVER = "https://files.grouplens.org/datasets/movielens"
_YEAR = r"\((\d{4})\)\s*$"


def with_year(movies: pd.DataFrame) -> pd.DataFrame:
    """Add `year` after `title`, from the brackets at its end (missing without them); the title keeps them."""
    years = pd.to_numeric(movies["title"].str.extract(_YEAR, expand=False), errors="coerce")
    movies = movies.copy()
    movies.insert(list(movies.columns).index("title") + 1, "year", years)
    return movies


def without_none(genres: pd.Series) -> pd.Series:
    """Turn '(no genres listed)' and an empty text into a missing value."""
    return genres.where(~genres.isin(["(no genres listed)", ""]), None)
