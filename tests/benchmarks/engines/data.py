"""The works and the examples that every engine trains on: MovieLens as it is, or a made log of its size."""

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

FOLDER = Path(os.environ.get("RECMAGIC_DATA", Path(__file__).parents[4] / "shared" / "data"))
SIZES = {"ml-1m": (6040, 3706, 1_000_209), "ml-100k": (943, 1682, 100_000)}  # users, items, interactions
FILES = {"ml-1m": "ratings.dat", "ml-100k": "u.data"}
# The columns of the click log and how many values each has; the first five are the user's, the others the item's.
FIELDS = {"user_id": 6040, "age": 7, "gender": 2, "occupation": 21, "region": 1000,
          "item_id": 3706, "genre": 24, "year": 100, "studio": 300, "country": 50}
USER_FIELDS = 5


@dataclass(frozen=True)
class Work:
    """A row of the table: the model, the log it learns from, examples a step, and the length of its sequences."""

    model: str
    log: str
    batch: int
    length: int = 0


WORKS = {
    "bpr-1m": Work("bpr", "ml-1m", 4096),
    "bpr-100k": Work("bpr", "ml-100k", 256),
    "neumf": Work("neumf", "ml-1m", 819),  # 819 positives with 4 negatives each are 4,095 rows
    "deepfm": Work("deepfm", "clicks", 4096),
    "gru4rec": Work("gru4rec", "ml-1m", 128, 50),
    "sasrec-bce-50": Work("sasrec-bce", "ml-1m", 128, 50),
    "sasrec-softmax-50": Work("sasrec-softmax", "ml-1m", 128, 50),
    "sasrec-bce-200": Work("sasrec-bce", "ml-1m", 64, 200),
}


@dataclass(frozen=True)
class Log:
    """Interactions sorted by user, then time: user rows and item rows (n,) from 1, ratings (n,), and how many of each
    there are."""

    users: np.ndarray
    items: np.ndarray
    ratings: np.ndarray
    user_count: int
    item_count: int


def read_log(name: str) -> Log:
    """Return MovieLens 1M or 100K, or a made log of its size where the file is absent."""
    path = FOLDER / name / FILES[name]
    if not path.exists():
        return made_log(*SIZES[name])
    values = np.fromstring(path.read_text().replace("::", " "), np.int64, sep=" ").reshape(-1, 4)
    values = values[np.lexsort((values[:, 3], values[:, 0]))]
    users, items = (np.unique(values[:, place], return_inverse=True)[1].astype(np.int32) + 1 for place in (0, 1))
    return Log(users, items, values[:, 2].astype(np.float32), int(users.max()), int(items.max()))


def made_log(user_count: int, item_count: int, count: int, seed: int = 0) -> Log:
    """Return a made log in which few items have most of the interactions; it may name a pair more than once."""
    rng = np.random.default_rng(seed)
    users = np.sort(rng.integers(1, user_count + 1, count, dtype=np.int32))
    items = (rng.random(count, dtype=np.float32) ** 2 * item_count).astype(np.int32) + 1
    return Log(users, np.minimum(items, item_count), np.full(count, 5, np.float32), user_count, item_count)


def clicks(count: int = 1_000_000, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return made clicks: values (n, 10) of the fields from 0, and labels (n,) of 0 and 1 that depend on them.

    A user's fields are the same in all of the user's rows, and an item's likewise; no pair comes twice.
    """
    rng = np.random.default_rng(seed)
    sizes = list(FIELDS.values())
    pairs = [(rng.random(3 * count // 2) ** 1.5 * sizes[first]).astype(np.int32) for first in (0, USER_FIELDS)]
    once = np.unique(pairs[0].astype(np.int64) * sizes[USER_FIELDS] + pairs[1], return_index=True)[1]
    chosen = rng.permutation(once)[:count]
    values = np.empty((len(chosen), len(sizes)), np.int32)
    for first, last, rows in ((0, USER_FIELDS, pairs[0]), (USER_FIELDS, len(sizes), pairs[1])):
        values[:, first] = rows[chosen]
        for place in range(first + 1, last):
            values[:, place] = rng.integers(0, sizes[place], sizes[first])[rows[chosen]]
    effect = sum(0.7 * rng.normal(size=size)[values[:, place]] for place, size in enumerate(sizes))
    return values, (rng.random(len(values)) < 1 / (1 + np.exp(-effect))).astype(np.float32)


def windows(log: Log, length: int) -> tuple[np.ndarray, np.ndarray]:
    """Return each user's newest window (users, length), padded with 0 on the left, and what follows each step."""
    past = np.zeros((log.user_count, length), np.int32)
    wanted = np.zeros_like(past)
    ends = np.searchsorted(log.users, np.arange(1, log.user_count + 1), side="right")
    starts = np.r_[0, ends[:-1]]
    for row, (start, end) in enumerate(zip(starts, ends)):
        items = log.items[max(start, end - length - 1) : end]
        if len(items) > 1:
            past[row, 1 - len(items) :], wanted[row, 1 - len(items) :] = items[:-1], items[1:]
    return past, wanted


@dataclass(frozen=True)
class Examples:
    """What an epoch is made of: two arrays with one row an example, the shape of an example's negatives (None: it has
    none), the sizes of the tables (row 0, the unknown one, included), and how many samples the examples count as."""

    first: np.ndarray
    second: np.ndarray
    drawn: tuple[int, ...] | None
    sizes: tuple[int, ...]
    samples: int

    def negatives(self, rng: np.random.Generator) -> list[np.ndarray]:
        """Return an epoch's negatives, one array or none; what a user has is not left out."""
        if self.drawn is None:
            return []
        return [rng.integers(1, self.sizes[-1], (len(self.first), *self.drawn), dtype=np.int32)]


def examples(work: Work) -> Examples:
    """Return the examples of a work: users and items, fields and labels, or windows and what follows their steps."""
    if work.model == "deepfm":
        values, labels = clicks()
        return Examples(values, labels, None, tuple(FIELDS.values()), len(labels))
    log = read_log(work.log)
    if not work.length:
        drawn, count = ((4,), 5) if work.model == "neumf" else ((), 1)
        sizes = (log.user_count + 1, log.item_count + 1)
        return Examples(log.users, log.items, drawn, sizes, count * len(log.users))
    past, wanted = windows(log, work.length)
    drawn = None if work.model == "sasrec-softmax" else (work.length,)
    return Examples(past, wanted, drawn, (log.item_count + 1,), int((wanted > 0).sum()))
