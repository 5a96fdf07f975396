"""A tiny data set with every kind of column, and cells compiled over it: what the tests of the compiler share."""

from functools import cache

import numpy as np
import pandas as pd

from recmagic.compiler.cell import CellProgram, compile_spec
from recmagic.compiler.vocabulary import vocabulary
from recmagic.data.dataset import Dataset
from recmagic.spec import read

METRICS = ("recmagic.evaluation.metrics", "metric")
USERS, ITEMS, EACH = 24, 16, 9
WORDS = ("night", "river", "the", "war", "love", "of", "moon")


def tables(seed: int = 0) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Interactions (with ties in time), users and items."""
    random = np.random.default_rng(seed)
    pairs = [(user, item) for user in range(USERS) for item in random.permutation(ITEMS)[:EACH]]
    events = pd.DataFrame(pairs, columns=["user_id", "item_id"]).assign(
        rating=random.integers(1, 6, len(pairs)).astype(float),
        timestamp=1_600_000_000 + 86_400 * random.integers(0, 40, len(pairs)),
        device=random.choice(["phone", "tv", "web"], len(pairs)),
        minutes=random.normal(60, 20, len(pairs)),
    )
    users = pd.DataFrame({
        "user_id": range(USERS),
        "age": random.integers(18, 80, USERS).astype(float),
        "country": random.choice(["no", "pt", "jp"], USERS),
    })
    items = pd.DataFrame({
        "item_id": range(ITEMS),
        "title": [" ".join(random.choice(WORDS, 1 + n % 3, replace=False)) + f" {n}" for n in range(ITEMS)],
        "genres": [("a|b", "b", "c|a|d", "")[n % 4] for n in range(ITEMS)],
        "price": random.normal(10, 3, ITEMS),
    })
    return events, users, items


@cache
def data(**options: object) -> Dataset:
    """The tiny tables as a Dataset, by default with each user's last two items held out."""
    events, users, items = tables()
    types = {"genres": "multi", "title": "text", "device": "category", "country": "category", "age": "number"}
    given = {"split": "last", "types": types, "name": "tiny", **options}
    return Dataset.load(events, users=users, items=items, **given)


def compiled(cell: str, of: Dataset | None = None, seed: int = 0) -> CellProgram:
    """The program of a cell over the tiny data, or another."""
    return compile_spec(read(cell.strip("\n"), vocabulary(METRICS)), of or data(), seed)
