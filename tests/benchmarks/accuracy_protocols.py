"""The protocols of the accuracy table: how each loads its data, for a seed or a fold, and what it measures."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from recmagic import Dataset, Model, backends
from recmagic.evaluation.predictions import scorer_for

FOLDER = Path(os.environ.get("RECMAGIC_DATA", Path(__file__).parents[3] / "shared" / "data"))
VALIDATION = 0.05  # of a fold's training rows, to stop on


@dataclass(frozen=True)
class Protocol:
    """A data set and split for a number (a seed, or one of five folds), and the metrics of a trained model."""

    title: str
    load: Callable[[int], Dataset]
    measure: Callable[[Model], dict[str, float]]
    folds: int = 0  # 0: the number is a seed


def reported(*names: str) -> Callable[[Model], dict[str, float]]:
    """Return a measurement of the test part: some metrics of the report."""
    def measure(model: Model) -> dict[str, float]:
        row = model.evaluate().df.set_index(["model", "of"]).loc[(model.name, "all users")]
        return {name: float(row[name]) for name in names}

    return measure


def sequences(seed: int) -> Dataset:
    """A: the sequential literature's file, in which the order of a user's rows is the time."""
    frame = pd.read_csv(FOLDER / "ml-1m" / "ml-1m_sas.txt", sep=" ", names=["user_id", "item_id"])
    return Dataset.load(frame.assign(timestamp=np.arange(len(frame))), split="last")


def general(seed: int) -> Dataset:
    """B: ratings of 3 and more, random 8:1:1 a user."""
    return Dataset.load("movielens-1m", path=FOLDER / "ml-1m", keep="rating >= 3", split="random", seed=seed)


def given_negatives(seed: int) -> Dataset:
    """C: the split of the NCF paper; of each user's training rows one more is held out to stop on."""
    found = np.load(FOLDER / "ncf-ml1m" / "ncf_train_pairs.npz")
    train = pd.DataFrame({"user_id": found["user"].astype(int), "item_id": found["item"].astype(int)})
    test = pd.read_csv(FOLDER / "ncf-ml1m" / "ml-1m.test.rating", sep="\t", names=["user_id", "item_id", "_", "__"])
    held = train.groupby("user_id").sample(1, random_state=seed).index
    train["split"] = 0
    train.loc[held, "split"] = 1
    return Dataset.load(pd.concat([train, test[["user_id", "item_id"]].assign(split=2)]), split="file",
                        duplicates="first")


def among_hundred(model: Model) -> dict[str, float]:
    """Return hit_rate@10 and ndcg@10 of the test item among the 99 negatives of the NCF paper; ties count half."""
    rows = [line.split("\t") for line in (FOLDER / "ncf-ml1m" / "ml-1m.test.negative").read_text().splitlines()]
    pairs = [tuple(int(each) for each in row[0].strip("()").split(",")) for row in rows]
    users = np.repeat([user for user, _ in pairs], 100)
    items = np.concatenate([[item, *map(int, row[1:])] for (_, item), row in zip(pairs, rows)])
    # Not `predict`: it knows what is known today, the test part too, which a solved model would then be solved from.
    scorer = scorer_for(model.program, backends.current(), "test")
    scores = scorer.pairs(model.data.users.rows(users), model.data.items.rows(items)).reshape(-1, 100)
    above, tied = (scores[:, 1:] > scores[:, :1]).sum(1), (scores[:, 1:] == scores[:, :1]).sum(1)
    rank = above + tied / 2
    return {"hit_rate@10|99": float((rank < 10).mean()),
            "ndcg@10|99": float(np.where(rank < 10, 1 / np.log2(2 + rank), 0).mean())}


def hundred_thousand(fold: int) -> Dataset:
    """D: MovieLens 100K's own folds u1 to u5."""
    names = ["user_id", "item_id", "rating", "timestamp"]
    train, test = (pd.read_csv(FOLDER / "ml-100k" / f"u{fold + 1}.{part}", sep="\t", names=names)
                   for part in ("base", "test"))
    return _fold(train, test, fold)


@cache
def _ratings() -> pd.DataFrame:
    return pd.read_csv(FOLDER / "ml-1m" / "ratings.dat", sep="::", engine="python",
                       names=["user_id", "item_id", "rating", "timestamp"])


def million(fold: int) -> Dataset:
    """E: MovieLens 1M in five random folds."""
    frame = _ratings()
    number = np.random.default_rng(0).permutation(len(frame)) % 5
    return _fold(frame[number != fold], frame[number == fold], fold)


def _fold(train: pd.DataFrame, test: pd.DataFrame, seed: int) -> Dataset:
    held = np.random.default_rng(seed).random(len(train)) < VALIDATION
    both = pd.concat([train.assign(split=held.astype(int)), test.assign(split=2)])
    return Dataset.load(both, split="file")


def tweetings(seed: int) -> Dataset:
    """F: the cut of MovieTweetings, the last film of each user held out."""
    frame = pd.read_csv(FOLDER / "movietweetings" / "movietweetings_u10i5_ratings.csv.gz")
    return Dataset.load(frame, user="user", item="imdb", time="ts", split="last")


def films(seed: int) -> Dataset:
    """The simulated films that come with the package."""
    return Dataset.load("films", seed=seed)


def of_the_ceiling(model: Model) -> dict[str, float]:
    """Return ndcg@10 and its share of what the simulation's own truth reaches."""
    table = model.evaluate().df.set_index(["model", "of"])["ndcg@10"]
    own, ceiling = float(table[model.name, "all users"]), float(table["Ceiling", "all users"])
    return {"ndcg@10": own, "share of the ceiling": own / ceiling}


PROTOCOLS = {
    "A": Protocol("ML-1M sequences, last item, full ranking", sequences, reported("hit_rate@10", "ndcg@10")),
    "B": Protocol("ML-1M, rating >= 3, random 8:1:1 a user, full ranking", general,
                  reported("recall@10", "mrr@10", "ndcg@10", "hit_rate@10", "precision@10")),
    "C": Protocol("the NCF paper's ML-1M, last item among 99 given negatives", given_negatives, among_hundred),
    "D": Protocol("ML-100K, folds u1 to u5", hundred_thousand, reported("rmse", "mae"), 5),
    "E": Protocol("ML-1M, five random folds", million, reported("rmse", "mae"), 5),
    "F": Protocol("MovieTweetings, users of 10 and films of 5, last item, full ranking", tweetings,
                  reported("hit_rate@10", "ndcg@10")),
    "films": Protocol("films, simulated, split by time", films, of_the_ceiling),
}
