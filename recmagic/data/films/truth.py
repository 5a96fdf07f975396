"""How good the best possible list would be: the simulation's own chances, given what a member had seen by a time."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recmagic.data.films.catalogue import CLOSING
from recmagic.data.films.rating import chance_of_liking, expected
from recmagic.data.films.simulate import Books, Club, make_club
from recmagic.data.films.watching import Diary, chances

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Times = float | Sequence[float] | NDArray[Any]
_MOMENTS = 6
_BEFORE_TEST = 0.9  # the share of the ratings before the test part of the split `time`


class Truth:
    """The simulated club, asked for what each member is about to watch and like.

    Ranking by it, with seen films hidden, is the ceiling: it knows the tastes and habits from which the ratings were
    drawn, and each member's past, but no draw to come. For one next film it is exact; over a stretch of time it is
    close: on the split `time` its ndcg@10 is .405, and .410 is reached by playing 12 films of every member's future
    24 times over (48 times the work).
    """

    def __init__(self, books: Books) -> None:
        self._books = books

    @cached_property
    def _club(self) -> Club:
        return make_club()

    @cached_property
    def cut(self) -> float:
        """The second at which the test part of the split `time` begins."""
        return float(np.sort(self._books.timestamp)[int(len(self._books.timestamp) * _BEFORE_TEST)])

    def scores(
        self, user_ids: Sequence[Any] | NDArray[Any], item_ids: Sequence[Any] | NDArray[Any],
        at: Times | None = None, until: Times | None = None,
    ) -> Floats:
        """Return the chance that a film is the member's next and is rated 4 or more, (users, items).

        `at` and `until` are seconds since 1970, one for all or one a user. The past is what the member had watched
        before `at`; the chance is the mean over moments from `at` to `until`, in which tastes drift and new films come
        out while the past stays as it was. With `at` alone it is the chance at that moment, which is exact for the one
        next film. Without either they span the test part of the split `time`. A film of the past scores as if it had
        not been seen: hide it as for any model. An id that is not in the club scores 0; no user may stand twice.
        """
        users, items = np.asarray(user_ids, dtype=np.int64) - 1, np.asarray(item_ids, dtype=np.int64) - 1
        members, films = _among(users, len(self._club.members.bias)), _among(items, len(self._club.films.fame))
        if until is None:
            until = CLOSING if at is None else at
        start, end = _each(self.cut if at is None else at, users)[members], _each(until, users)[members]
        chance = self._mean_chance(users[members], start, end)
        scores = np.zeros((len(users), len(items)))
        scores[np.ix_(members, films)] = chance[:, items[films]]
        return scores

    def _mean_chance(self, rows: Ints, start: Floats, end: Floats) -> Floats:
        """Return the chances (rows, films) over moments from start to end, given the past before start."""
        diary = self._diary(rows, start)
        moments = np.arange(1 if (start == end).all() else _MOMENTS)
        each = [self._chance(diary, rows, start + (end - start) * moment / len(moments)) for moment in moments]
        return np.asarray(np.mean(each, axis=0))

    def _chance(self, diary: Diary, rows: Ints, time: Floats) -> Floats:
        """Return the chance (rows, films) of being watched and liked at a time, seen films as if unseen."""
        watched = chances(diary.appeal(rows, time), diary.seen[rows])
        return np.asarray(watched * chance_of_liking(expected(self._club.films, self._club.members, rows, time)))

    def _diary(self, rows: Ints, before: Floats) -> Diary:
        """Return the diary in which each member has seen what the books tell before a time."""
        books = self._books
        limit = np.full(len(self._club.members.bias), -np.inf)
        limit[rows] = before
        kept = np.flatnonzero(books.timestamp < limit[books.member])
        kept = kept[np.lexsort((books.timestamp[kept], books.member[kept]))]
        member, film = books.member[kept], books.film[kept]
        nth = np.arange(len(member)) - np.searchsorted(member, member)
        diary = Diary(self._club.films, self._club.members)
        for step in range(int(nth.max(initial=-1)) + 1):
            diary.watch(member[nth == step], film[nth == step])
        return diary


def _each(time: Times, rows: Ints) -> Floats:
    return np.broadcast_to(np.asarray(time, dtype=np.float64), rows.shape)


def _among(rows: Ints, count: int) -> Ints:
    """Return where the rows lie between 0 and a count."""
    return np.flatnonzero((rows >= 0) & (rows < count))
