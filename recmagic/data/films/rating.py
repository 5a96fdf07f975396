"""How a member rates a film just seen: their taste, its quality, their own bias, and noise."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recmagic.data.films.catalogue import Catalogue
from recmagic.data.films.members import Members

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LIKED = 4  # the rating from which a film counts as liked
_MIDDLE, _TASTE, _NOISE = 2.65, 0.34, 0.4


def expected(films: Catalogue, members: Members, rows: Ints, time: Floats) -> Floats:
    """Return the mean of the unrounded rating of every film, (rows, films)."""
    taste = members.taste(rows, time) @ films.place.T
    return np.asarray(_MIDDLE + members.bias[rows][:, None] + films.quality + _TASTE * taste)


def expected_of(films: Catalogue, members: Members, rows: Ints, seen: Ints, time: Floats) -> Floats:
    """Return the mean of the unrounded rating of one film a member, (rows,)."""
    taste = (members.taste(rows, time) * films.place[seen]).sum(axis=1)
    return np.asarray(_MIDDLE + members.bias[rows] + films.quality[seen] + _TASTE * taste)


def chance_of_liking(mean: Floats) -> Floats:
    """Return the chance of a rating of at least 4 around a mean; the noise is logistic, so it is a closed form."""
    return np.asarray(1 / (1 + np.exp(-(mean - (LIKED - 0.5)) / _NOISE)))


def draw(mean: Floats, random: np.random.RandomState) -> Ints:
    """Return ratings from 1 to 5."""
    return np.clip(np.rint(mean + random.logistic(scale=_NOISE, size=mean.shape)), 1, 5).astype(np.int64)
