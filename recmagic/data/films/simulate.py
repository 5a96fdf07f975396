"""Make the data set: `python -m recmagic.data.films.simulate` writes members.csv and ratings.npz.

A simulation, from films.csv and a seed: no member exists, no rating was ever given. The random streams are those of
`numpy.random.RandomState`, which NumPy has frozen, so that the same files come out for ever.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from recmagic.data.films.catalogue import FOLDER, Catalogue, make_catalogue
from recmagic.data.films.members import Members, make_members
from recmagic.data.films.rating import draw, expected_of
from recmagic.data.films.visits import make_visits
from recmagic.data.films.watching import Diary, chances

SEED = 1895  # the year of the first film shown to a paying public
MEMBERS = 2_000
FILMS_SEEN = 113.0


@dataclass(frozen=True)
class Club:
    """The world before anyone has seen a film."""

    films: Catalogue
    members: Members


@dataclass(frozen=True)
class Books:
    """Every rating, sorted by time: member and film as rows from 0, rating 1 to 5, seconds since 1970; all (n,)."""

    member: NDArray[np.int64]
    film: NDArray[np.int64]
    rating: NDArray[np.int64]
    timestamp: NDArray[np.int64]


def make_club(seed: int = SEED) -> Club:
    """Return the films and members that a seed makes; takes a tenth of a second."""
    films = make_catalogue(_stream(seed, 1))
    return Club(films, make_members(MEMBERS, films, _stream(seed, 2)))


def run(club: Club, seed: int = SEED) -> Books:
    """Let every member come, choose, watch and rate; each one's n-th film is drawn for all members at once."""
    visits = make_visits(club.members, FILMS_SEEN, _stream(seed, 3))
    random = _stream(seed, 4)
    diary = Diary(club.films, club.members)
    steps = []
    for step in range(max(map(len, visits))):
        rows = np.array([row for row, times in enumerate(visits) if len(times) > step])
        time = np.array([visits[row][step] for row in rows])
        seen = diary.seen[rows]
        film = _draw(np.where(seen, 0.0, chances(diary.appeal(rows, time), seen)), random)
        mean = expected_of(club.films, club.members, rows, film, time)
        diary.watch(rows, film)
        steps.append(np.stack([rows, film, draw(mean, random), time.astype(np.int64)]))
    every = np.concatenate(steps, axis=1)
    return Books(*every[:, np.lexsort((every[0], every[3]))])


def write(club: Club, books: Books, folder: Path = FOLDER) -> None:
    """Write the files that the package ships."""
    club.members.table.to_csv(folder / "members.csv", index=False, lineterminator="\n")
    np.savez_compressed(
        folder / "ratings.npz",
        user_id=(books.member + 1).astype(np.uint16), item_id=(books.film + 1).astype(np.uint16),
        rating=books.rating.astype(np.uint8), timestamp=books.timestamp.astype(np.uint32),
    )


def _draw(chance: NDArray[np.float64], random: np.random.RandomState) -> NDArray[np.int64]:
    """Draw one film a row."""
    total = np.cumsum(chance, axis=1)
    return np.asarray((total < random.uniform(size=(len(chance), 1)) * total[:, -1:]).sum(axis=1))


def _stream(seed: int, number: int) -> np.random.RandomState:
    return np.random.RandomState(np.array([seed, number]))


if __name__ == "__main__":
    _club = make_club()
    write(_club, run(_club))
