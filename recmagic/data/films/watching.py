"""How a member chooses the next film: taste, fame, mood, the franchise in hand, double bills and new releases."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recmagic.data.films.catalogue import DAY, Catalogue
from recmagic.data.films.members import Members

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_TASTE = 1.0
_MOOD, _MOOD_KEPT = 1.5, 0.75  # the pull of the themes of the last films, and how much of a mood is left a film later
_NEXT_PART, _NEXT_PART_LATER, _SKIPPED_PART = 4.8, 2.2, -2.7
_DOUBLE_BILL = 3.2
_NEW, _NEW_DAYS = 1.4, 60.0


class Diary:
    """What members have seen so far and the mood they are in; all that the next choice depends on besides taste."""

    def __init__(self, films: Catalogue, members: Members) -> None:
        self._films = films
        self._members = members
        count = len(members.bias)
        self.seen = np.zeros((count, len(films.fame)), dtype=bool)
        self._mood = np.zeros((count, films.place.shape[1]))
        self._latest = np.full(count, -1)
        centred = films.place - films.place.mean(axis=0)
        self._place = centred / np.linalg.norm(centred, axis=1, keepdims=True)

    def watch(self, rows: Ints, films: Ints) -> None:
        """Let each member in `rows` (no one twice) see one film."""
        self.seen[rows, films] = True
        self._mood[rows] = _MOOD_KEPT * self._mood[rows] + (1 - _MOOD_KEPT) * self._place[films]
        self._latest[rows] = films

    def appeal(self, rows: Ints, time: Floats) -> Floats:
        """Return the log-odds (rows, films) of each film to be the next at a time; -inf before it is on the shelf.

        Films that were seen keep a value; no one watches a film twice.
        """
        films, every = self._films, np.arange(len(rows))
        appeal = (_TASTE * self._members.taste(rows, time)) @ films.place.T + films.fame
        appeal += (2 * _MOOD * self._mood[rows]) @ self._place.T
        self._add_franchises(appeal, rows)
        latest = self._latest[rows]
        for column in range(films.bills.shape[1]):
            appeal[every, films.bills[latest, column]] += np.where(latest >= 0, _DOUBLE_BILL, 0.0)
        recent = np.flatnonzero(films.shelf > time.min() - 4 * _NEW_DAYS * DAY)
        on_shelf = (time[:, None] - films.shelf[recent]) / DAY
        new = np.where(films.shelf[recent] > films.shelf.min(), _NEW * np.exp(-np.abs(on_shelf) / _NEW_DAYS), 0.0)
        appeal[:, recent] = np.where(on_shelf >= 0, appeal[:, recent] + new, -np.inf)
        return np.asarray(appeal)

    def _add_franchises(self, appeal: Floats, rows: Ints) -> None:
        """The next part is wanted, most of all right after the last; without the part before, few begin."""
        films = self._films
        sequels = np.flatnonzero(films.before >= 0)
        ready = self.seen[np.ix_(rows, films.before[sequels])]
        fresh = self._latest[rows][:, None] == films.before[sequels]
        appeal[:, sequels] += np.where(fresh, _NEXT_PART, np.where(ready, _NEXT_PART_LATER, _SKIPPED_PART))


def chances(appeal: Floats, seen: NDArray[np.bool_]) -> Floats:
    """Return the chance of each film to be the next, (rows, films): a softmax over the films not seen.

    Seen films get the chance that they would have beside those; who draws from it must hide them.
    """
    odds = np.exp(appeal - appeal.max(axis=1, keepdims=True))
    return np.asarray(odds / np.where(seen, 0.0, odds).sum(axis=1, keepdims=True))
