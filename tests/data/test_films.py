"""The film club: real titles, a simulation that can be made again, and a truth that no model beats."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from recmagic.data.dataset import Dataset
from recmagic.data.films.catalogue import CLOSING, FOLDER, GENRES, OPENING, read_films
from recmagic.data.films.simulate import MEMBERS, SEED, Books, make_club, run, write
from recmagic.data.films.truth import Truth
from recmagic.data.sources.films import load
from recmagic.data.tables import Tables

YEARS = {
    "Metropolis": 1927, "Casablanca": 1942, "Seven Samurai": 1954, "Psycho": 1960, "Star Wars": 1977, "Alien": 1979,
    "Pulp Fiction": 1994, "Toy Story": 1995, "Spirited Away": 2001, "City of God": 2002, "Parasite": 2019, "Dune": 2021,
}


@pytest.fixture(scope="module")
def tables() -> Tables:
    return load()


@pytest.fixture(scope="module")
def rows(tables: Tables) -> pd.DataFrame:
    return tables.interactions.sort_values("timestamp", kind="stable")


@pytest.fixture(scope="module")
def books(rows: pd.DataFrame) -> Books:
    return Books(*(rows[name].to_numpy() - shift
                   for name, shift in (("user_id", 1), ("item_id", 1), ("rating", 0), ("timestamp", 0))))


def test_films_are_real_distinct_and_well_described(tables: Tables) -> None:
    films = read_films()
    assert 600 <= len(films) <= 700
    assert films["title"].is_unique and films["synopsis"].is_unique
    assert list(films["item_id"]) == list(range(1, len(films) + 1))
    assert set("|".join(films["genres"]).split("|")) == set(GENRES)
    words = films["synopsis"].str.split().str.len()
    assert words.between(10, 20).all() and words.mean() > 13
    assert films["year"].between(1920, 2024).all()
    assert (films.groupby(films["year"] // 10 * 10).size() >= 10).all()
    assert films["origin"].nunique() >= 25
    known = films.set_index("title")["year"]
    assert {title: known[title] for title in YEARS} == YEARS


def test_franchises_stand_in_the_order_of_their_parts() -> None:
    films = read_films()
    parts = films[films["franchise"] != ""].groupby("franchise")
    assert len(parts) >= 30
    assert (parts.size() >= 2).all()
    assert parts["year"].agg(lambda years: years.is_monotonic_increasing).all()
    titles = films[films["franchise"] == "The Lord of the Rings"]["title"].str.split(": ").str[1]
    assert list(titles) == ["The Fellowship of the Ring", "The Two Towers", "The Return of the King"]


def test_counts(tables: Tables, rows: pd.DataFrame) -> None:
    assert tables.users is not None and len(tables.users) == rows["user_id"].nunique() == MEMBERS == 2_000
    assert 140_000 <= len(rows) <= 160_000
    assert rows["item_id"].nunique() == len(read_films())
    assert not rows.duplicated(["user_id", "item_id"]).any()
    assert not rows.duplicated(["user_id", "timestamp"]).any()
    assert set(rows["rating"]) == {1, 2, 3, 4, 5}
    assert 0.4 < (rows["rating"] >= 4).mean() < 0.7
    assert rows["timestamp"].between(OPENING, CLOSING).all()


def test_the_shipped_files_are_small() -> None:
    assert sum((FOLDER / name).stat().st_size for name in ("films.csv", "members.csv", "ratings.npz")) < 1_500_000


def test_the_same_files_come_out_again(tmp_path) -> None:
    club = make_club()
    write(club, run(club), tmp_path)
    assert (tmp_path / "members.csv").read_bytes() == (FOLDER / "members.csv").read_bytes()
    with np.load(tmp_path / "ratings.npz") as made, np.load(FOLDER / "ratings.npz") as shipped:
        assert set(made) == set(shipped)
        for name in shipped:
            assert made[name].dtype == shipped[name].dtype
            np.testing.assert_array_equal(made[name], shipped[name])


def test_another_seed_makes_another_club() -> None:
    assert not make_club(SEED + 1).members.table["age"].equals(make_club().members.table["age"])


def test_no_one_sees_a_film_before_it_is_out_or_before_joining(tables: Tables, rows: pd.DataFrame) -> None:
    when = pd.to_datetime(rows["timestamp"], unit="s")
    year = tables.items.set_index("item_id")["year"].reindex(rows["item_id"]).to_numpy()
    assert (when.dt.year.to_numpy() >= year).all()
    joined = pd.to_datetime(tables.users.set_index("user_id")["joined"]).reindex(rows["user_id"]).to_numpy()
    assert (when.to_numpy() >= joined).all()


def test_popularity_and_activity_have_long_tails(rows: pd.DataFrame) -> None:
    films = rows["item_id"].value_counts()
    assert films.iloc[: len(films) // 5].sum() > 0.45 * len(rows)
    assert films.median() < films.max() / 4 and films.min() < 20
    members = rows["user_id"].value_counts()
    assert members.max() > 4 * members.median() and members.min() < 10


def test_franchises_are_watched_in_order(rows: pd.DataFrame) -> None:
    films = make_club().films
    when = rows.pivot(index="user_id", columns="item_id", values="timestamp")
    when = when.reindex(columns=range(1, len(films.fame) + 1)).to_numpy()
    sequels = np.flatnonzero(films.before >= 0)
    assert _share_before(when[:, films.before[sequels]], when[:, sequels]) > 0.85
    assert _share_before(when[:, sequels - 40], when[:, sequels]) < 0.7  # films that have nothing to do with each other


def _share_before(first: np.ndarray, second: np.ndarray) -> float:
    both = ~np.isnan(first) & ~np.isnan(second)
    return float((first < second)[both].mean())


def test_taste_drifts(tables: Tables, rows: pd.DataFrame) -> None:
    """The genres of a member's first and second half differ more than those of odd and even visits."""
    genres = tables.items["genres"].str.get_dummies("|").to_numpy(dtype=float)
    halves, alternating = [], []
    for _, seen in rows.groupby("user_id")["item_id"]:
        if len(seen) >= 100:
            liked = genres[seen.to_numpy() - 1]
            halves.append(_cosine(liked[: len(liked) // 2], liked[len(liked) // 2:]))
            alternating.append(_cosine(liked[::2], liked[1::2]))
    assert len(halves) > 200
    assert 1 - np.mean(halves) > 2 * (1 - np.mean(alternating))


def _cosine(some: np.ndarray, others: np.ndarray) -> float:
    a, b = some.mean(axis=0), others.mean(axis=0)
    return float(a @ b / np.sqrt((a @ a) * (b @ b)))


def test_members_like_films_from_home(tables: Tables, rows: pd.DataFrame) -> None:
    origin = tables.items.set_index("item_id")["origin"].reindex(rows["item_id"]).to_numpy()
    country = tables.users.set_index("user_id")["country"].reindex(rows["user_id"]).to_numpy()
    for home in ("France", "Japan", "Italy"):
        assert (origin[country == home] == home).mean() > 1.5 * (origin[country != home] == home).mean()


def test_the_time_split_tests_members_with_a_past() -> None:
    data = Dataset.load("films")
    assert data.split_name == "time" and not data.warnings
    parts, users, items = (getattr(data.interactions, name) for name in ("part", "user_row", "item_row"))
    tested = np.unique(users[parts == 2])
    warm = np.isin(tested, users[parts == 0])
    assert 0.7 <= warm.mean() < 1
    assert 0.02 < np.isin(items[parts == 2], np.unique(items[parts == 0]), invert=True).mean() < 0.2


def test_it_is_labelled_a_simulation(tables: Tables) -> None:
    assert "simulation" in tables.note.lower() and tables.licence and tables.positive == "rating >= 4"
    assert "simulation" in repr(Dataset.load("films")).lower()
    assert "fame" not in tables.items and tables.items["franchise"].isna().any()


def test_no_model_beats_the_ceiling_on_the_time_split(books: Books) -> None:
    test = np.arange(len(books.member)) >= int(0.9 * len(books.member))
    found = _baselines(books, test)
    ids = np.arange(1, MEMBERS + 1), np.arange(1, len(read_films()) + 1)
    ceiling = _ndcg(Truth(books).scores(*ids), books, test)
    assert found["EASE"] > 1.6 * found["Popularity"] and found["ItemKNN"] > 1.3 * found["Popularity"]
    assert found["Popularity"] > 0.05
    assert ceiling > 1.5 * max(found.values())


def test_order_tells_more_than_popularity_when_the_last_film_is_left_out(books: Books) -> None:
    latest = np.zeros(MEMBERS)
    np.maximum.at(latest, books.member, books.timestamp)
    test = books.timestamp == latest[books.member]
    found = _baselines(books, test)
    ids = np.arange(1, MEMBERS + 1), np.arange(1, len(read_films()) + 1)
    ceiling = _ndcg(Truth(books).scores(*ids, at=latest), books, test)
    assert found["Markov"] > 2 * found["Popularity"] and found["EASE"] > 2 * found["Popularity"]
    assert ceiling > 1.5 * max(found.values())
    blank = Books(*(np.zeros(0, dtype=np.int64) for _ in range(4)))
    assert ceiling > 1.3 * _ndcg(Truth(blank).scores(*ids, at=latest), books, test)  # without each member's past


def test_the_truth_is_calibrated(books: Books) -> None:
    """Over all unseen films it sums to the chance that the next one is liked: as often as was so, and for whom."""
    latest = np.zeros(MEMBERS)
    np.maximum.at(latest, books.member, books.timestamp)
    test = books.timestamp == latest[books.member]
    scores = Truth(books).scores(np.arange(1, MEMBERS + 1), np.arange(1, len(read_films()) + 1), at=latest)
    foretold = np.where(_matrix(books, ~test) > 0, 0, scores).sum(axis=1)
    liked = np.zeros(MEMBERS)
    liked[books.member[test]] = books.rating[test] >= 4
    assert abs(foretold.mean() - liked.mean()) < 0.035  # three standard errors
    happy = foretold > np.median(foretold)
    assert liked[happy].mean() > liked[~happy].mean() + 0.15


def test_the_truth_knows_nothing_of_the_future(books: Books) -> None:
    at = float(books.timestamp[len(books.timestamp) // 2])
    past = books.timestamp < at
    known = Books(*(getattr(books, field.name)[past] for field in dataclasses.fields(books)))
    users, items = np.arange(1, 101), np.arange(1, len(read_films()) + 1)
    np.testing.assert_array_equal(Truth(known).scores(users, items, at), Truth(books).scores(users, items, at))
    unseen = Truth(books).scores(users, items, at)[:, make_club().films.shelf > at]
    assert unseen.shape[1] > 30 and not unseen.any()
    assert Truth(books).scores(users, items, at, CLOSING)[:, make_club().films.shelf > at].any()


def test_the_truth_answers_in_the_order_asked_and_gives_strangers_nothing(books: Books) -> None:
    truth = Truth(books)
    scores = truth.scores([7, 42, 9_999], [3, 1, 0, 5_000])
    assert scores.shape == (3, 4) and (scores[:2, :2] > 0).all()
    assert not scores[2].any() and not scores[:, 2:].any()
    np.testing.assert_array_equal(scores[1::-1, 1::-1][:, :2], truth.scores([42, 7], [1, 3]))


def _baselines(books: Books, test: np.ndarray) -> dict[str, float]:
    """Return ndcg@10 of four models that count, made from the rows that are not in test."""
    seen = _matrix(books, ~test)
    together = seen.T @ seen
    inverse = np.linalg.inv(together + 300 * np.eye(len(together)))
    ease = -inverse / np.diag(inverse)
    np.fill_diagonal(ease, 0)
    size = np.sqrt(np.diag(together)) + 1e-9
    cosine = together / (size[:, None] * size + 20)
    np.fill_diagonal(cosine, 0)
    nearest = np.where(cosine >= -np.sort(-cosine, axis=1)[:, 50:51], cosine, 0)
    popular = seen.sum(axis=0)
    scores = {"Popularity": np.tile(popular, (len(seen), 1)), "EASE": seen @ ease, "ItemKNN": seen @ nearest.T,
              "Markov": _followers(books, test) + 1e-6 * popular}
    return {name: _ndcg(score, books, test) for name, score in scores.items()}


def _followers(books: Books, test: np.ndarray) -> np.ndarray:
    """Return how often each film came right after the last one of each member, (members, films)."""
    order = np.flatnonzero(~test)
    order = order[np.lexsort((books.timestamp[order], books.member[order]))]
    member, film = books.member[order], books.film[order]
    same = member[1:] == member[:-1]
    counts = np.zeros((film.max() + 1, len(read_films())))
    np.add.at(counts, (film[:-1][same], film[1:][same]), 1)
    after = np.zeros((MEMBERS, counts.shape[1]))
    after[member] = counts[film]
    return after


def _ndcg(scores: np.ndarray, books: Books, test: np.ndarray, k: int = 10) -> float:
    """Return ndcg@k over the members with a liked film in test, over the whole catalogue, seen films hidden."""
    relevant = _matrix(books, test & (books.rating >= 4)) > 0
    some = relevant.any(axis=1)
    hidden = np.where(_matrix(books, ~test) > 0, -np.inf, scores)
    top = np.argsort(-hidden, axis=1, kind="stable")[:, :k]
    weights = 1 / np.log2(np.arange(2, k + 2))
    gains = np.take_along_axis(relevant, top, axis=1) @ weights
    ideal = np.cumsum(weights)[np.clip(relevant.sum(axis=1), 1, k) - 1]
    return float((gains / ideal)[some].mean())


def _matrix(books: Books, chosen: np.ndarray) -> np.ndarray:
    matrix = np.zeros((MEMBERS, len(read_films())))
    matrix[books.member[chosen], books.film[chosen]] = 1
    return matrix
