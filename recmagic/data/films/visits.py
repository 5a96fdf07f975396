"""When members come: matinees and evenings, more at weekends, in bursts, keenest in the first year."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recmagic.data.films.catalogue import CLOSING, DAY, OPENING
from recmagic.data.films.members import Members

Floats = NDArray[np.float64]
_STARTS = np.array([15.5, 20.5]) * 3_600  # when a film is rated, in seconds of the day
_WEEKDAY = np.array([0.5, 0.5, 0.6, 0.7, 1.2, 1.8, 1.5])  # Monday first


def make_visits(members: Members, films_seen: float, random: np.random.RandomState) -> list[Floats]:
    """Return each member's times in seconds, ascending and distinct; `films_seen` is about their mean number."""
    days = int((CLOSING - OPENING) / DAY)
    slots = (OPENING + DAY * np.arange(days)[:, None] + _STARTS).ravel()
    weekday = ((np.arange(days) + 2) % 7).repeat(len(_STARTS))  # the club opened on a Wednesday
    wanted = np.clip(np.exp(random.normal(np.log(films_seen) - 0.32, 0.8, size=len(members.bias))), 4, 300)
    visits = []
    for joined, leaves, count in zip(members.joined, members.leaves, wanted):
        bursts = random.gamma(0.35, size=days // 7 + 1)[np.arange(days) // 7].repeat(len(_STARTS))
        keen = 0.5 + np.exp(-(slots - joined) / (365 * DAY))
        keen = np.where((slots >= joined) & (slots < leaves), keen, 0.0) * (bursts + 0.02) * _WEEKDAY[weekday]
        stay = min(1.0, 0.35 + 0.65 * (leaves - joined) / (CLOSING - OPENING))
        number = min(int(count * stay) + 1, int((keen > 0).sum()))
        came = random.choice(len(slots), size=number, replace=False, p=keen / keen.sum())
        visits.append(slots[np.sort(came)] + random.randint(0, 3 * 3_600, size=number))
    return visits
