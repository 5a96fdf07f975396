"""The club's members: age, country, joining date, and a hidden taste that drifts through the years."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from recmagic.data.films.catalogue import CLOSING, COUNTRIES, DAY, ERAS, FIRST_YEAR, OPENING, Catalogue

Floats = NDArray[np.float64]
_CIRCLES = 12  # groups of friends with one taste; a member belongs a little to several
_WEIGHT = {"genre": 1.5, "theme": 1.0, "era": 0.5, "home": 0.2, "director": 1.2, "hidden": 1.8}


@dataclass(frozen=True)
class Members:
    """`table` is members.csv; `joined` and `leaves` are seconds (members,).

    `first` and `last` (members, D) are the tastes at the club's opening and closing; `bias` shifts a member's ratings.
    """

    table: pd.DataFrame
    joined: Floats
    leaves: Floats
    first: Floats
    last: Floats
    bias: Floats

    def taste(self, rows: NDArray[np.int64], time: Floats) -> Floats:
        """Return the tastes (rows, D) of members at their times, on the straight way from first to last."""
        way = ((time - OPENING) / (CLOSING - OPENING))[:, None]
        return np.asarray(self.first[rows] * (1 - way) + self.last[rows] * way)


def make_members(count: int, films: Catalogue, random: np.random.RandomState) -> Members:
    """Draw members whose taste comes from their circles, their age, their country, and themselves."""
    joined, leaves = _stay(count, random)
    age = np.clip(16 + random.gamma(2.6, 9.0, size=count), 16, 84).astype(int)
    country = random.choice(len(COUNTRIES), size=count, p=list(COUNTRIES.values()))
    weight = np.concatenate([np.full(part.stop - part.start, _WEIGHT[name]) for name, part in films.parts.items()])
    circles = random.normal(size=(_CIRCLES, len(weight))) * weight
    own = random.normal(scale=0.48, size=(count, len(weight))) * weight
    own += _of_age_and_country(age, country, films.parts, len(weight))
    first = random.dirichlet(np.full(_CIRCLES, 0.25), size=count)
    later = random.dirichlet(np.full(_CIRCLES, 0.25), size=count)
    drift = random.beta(1.0, 2.4, size=(count, 1))
    table = pd.DataFrame({
        "user_id": np.arange(1, count + 1), "age": age, "country": np.array(list(COUNTRIES))[country],
        "joined": pd.to_datetime(joined, unit="s").strftime("%Y-%m-%d"),
    })
    last = first * (1 - drift) + later * drift
    bias = random.normal(scale=0.35, size=count)
    return Members(table, joined, leaves, first @ circles + own, last @ circles + own, bias)


def _stay(count: int, random: np.random.RandomState) -> tuple[Floats, Floats]:
    """Return when members join and leave: a third are founders, the others follow; some lose interest."""
    length = CLOSING - OPENING
    joined = OPENING + length * np.where(random.uniform(size=count) < 0.35, random.beta(1, 30, size=count),
                                         random.beta(1.0, 1.6, size=count) * 0.99)
    stay = np.where(random.uniform(size=count) < 0.45, random.exponential(scale=0.35, size=count), np.inf)
    return np.floor(joined), np.minimum(joined + (stay * length) + 30 * DAY, CLOSING)


def _of_age_and_country(
    age: NDArray[np.int64], country: NDArray[np.int64], parts: dict[str, slice], width: int
) -> Floats:
    """What one was young with, films from home, and cartoons for parents and for the young."""
    taste = np.zeros((len(age), width))
    youth = (FIRST_YEAR - age + 20)[:, None]
    taste[:, parts["era"]] = 0.9 * np.exp(-(((ERAS - youth) / 22.0) ** 2)) - 0.5 * (ERAS < 1965)
    taste[np.arange(len(age)), parts["home"].start + country] = 1.3
    genre = parts["genre"].start
    taste[:, genre + 2] += np.where(age < 26, 0.7, np.where((age > 32) & (age < 46), 0.5, -0.4))
    taste[:, genre + 10] += np.where(age < 35, 0.4, -0.7)
    return taste
