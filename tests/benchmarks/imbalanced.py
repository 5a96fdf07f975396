"""Prints what each device against imbalance does for rare items and for all: recall in the tail beside ndcg.

python tests/benchmarks/imbalanced.py [films] [ml-1m] [--seeds 3] [--epochs 20] [--only NAME ...]

The tail are the items outside the most popular fifth of the training part; its recall@10 is the share of the test
part's positives among them that stand in the first ten of a list. Mean [range] over seeds of split and model.
"""

from __future__ import annotations

import argparse
import os
import statistics
from collections.abc import Iterator

os.environ.setdefault("KERAS_BACKEND", "jax")

import numpy as np
from accuracy_protocols import FOLDER

from recmagic import Dataset, Model

HEAD = 0.2  # of the items, the most popular ones
FACTORS = "score = embedding(user_id, 64) @ embedding(item_id, 64) + bias(item_id)\noptimizer = Adam(0.003)\n"
SEQUENCE = """item = embedding(item_id, 64)
past = history(item, 50) >> PositionEmbedding() >> Dropout(0.2) >> TransformerBlock(heads=2, causal=True, dropout=0.2)
score = past @ item
optimizer = Adam(0.002)
"""
# Rows with a target; five stars are the rarer class, a fifth of the ratings of films.
TABLE = """user = concat(embedding(user_id, 32), embedding(country, 8), number(age))
item = concat(embedding(item_id, 32), embedding(genres, 16), number(year))
score = concat(user, item) >> Dense(64, relu) >> Dense(1)
target = at_least(rating, 5)
optimizer = Adam(0.001)
"""
BINARY = "loss = BinaryCrossentropy()\n"
SOFTMAX = "loss = CategoricalCrossentropy()\n"
# Each device beside its base ("none"), which differs in that line alone.
DEVICES = {
    "factors": (FACTORS, {
        "none": SOFTMAX + "negatives = uniform(16)",
        "balanced(item_id, 0.5)": SOFTMAX + "negatives = uniform(16)\nweights = balanced(item_id, 0.5)",
        "balanced(item_id)": SOFTMAX + "negatives = uniform(16)\nweights = balanced(item_id)",
        "recent(180)": SOFTMAX + "negatives = uniform(16)\nweights = recent(180)",
        **{f"pseudo_labels, {whom}": f"{SOFTMAX}negatives = uniform(16)\naugment = [pseudo_labels(EASE(500.0), {whom})]"
           for whom in ("items=50", "items=100", "users=20")},
        "popular(16), logQ": SOFTMAX + "negatives = popular(16)",
        "in_batch(), logQ": SOFTMAX + "negatives = in_batch()",
        "in_batch(correction=False)": SOFTMAX + "negatives = in_batch(correction=False)",
    }),
    "table": (TABLE, {
        "none": BINARY,
        "smote(0.5)": BINARY + "augment = [smote(0.5)]",
        "smote()": BINARY + "augment = [smote()]",
        "balanced()": BINARY + "weights = balanced()",
        "BinaryFocalCrossentropy()": "loss = BinaryFocalCrossentropy()",
    }),
    "sequence": (SEQUENCE, {
        "none": SOFTMAX + "negatives = catalogue()",
        **{word: SOFTMAX + f"negatives = catalogue()\naugment = [{word}]"
           for word in ("crop(0.3)", "mask(0.2)", "reorder(0.2)", "substitute(0.2)")},
    }),
}


def load(name: str, seed: int) -> Dataset:
    """Return films by time, or ML-1M with each user's last two items held out; only films' split has no seed."""
    if name == "films":
        return Dataset.load("films")
    return Dataset.load("movielens-1m", path=FOLDER / "ml-1m", keep="rating >= 3", split="last", seed=seed)


def measured(data: Dataset, cell: str, epochs: int, seed: int) -> dict[str, float]:
    """Return ndcg@10 of all users and recall@10 in the tail, after a training; with a target, its auc too."""
    model = Model.read(cell, data, name="model")
    model.train(epochs=epochs, seed=seed)
    row = model.evaluate().df.set_index(["model", "of"]).loc[("model", "all users")]
    events = data.interactions
    counts = np.bincount(events.item_row[(events.part == 0) & events.positive], minlength=data.items.count + 1)
    tail = np.ones(data.items.count + 1, bool)
    tail[np.argsort(-counts, kind="stable")[: int(HEAD * np.count_nonzero(counts))]] = False
    tail &= counts > 0
    tested = (events.part == 2) & events.positive
    wanted = tested & tail[events.item_row]
    pairs = {*zip(events.user_row[wanted].tolist(), events.item_row[wanted].tolist())}
    users = np.unique(events.user_row[tested])
    lists = model.recommend(data.users.ids[users], k=10, as_of="test").df
    shown = {*zip(data.users.rows(lists["user_id"]).tolist(), data.items.rows(lists["item_id"]).tolist())}
    found = {"ndcg@10": float(row["ndcg@10"]), "tail recall@10": len(pairs & shown) / max(len(pairs), 1)}
    return found | ({"auc": float(row["auc"])} if "auc" in row else {})


def rows(names: list[str], seeds: int, epochs: int, only: list[str]) -> Iterator[str]:
    """Yield a line for each data set, base and device."""
    for name in names:
        for base, (lines, devices) in DEVICES.items():
            for device, more in devices.items():
                if only and device not in only and base not in only:
                    continue
                found = [measured(load(name, seed), lines + more, epochs, seed) for seed in range(seeds)]
                told = (f"{metric} {statistics.mean(values):.4f} [{min(values):.4f}-{max(values):.4f}]"
                        for metric in found[0] for values in [[each[metric] for each in found]])
                yield f"{name} | {base} | {device} | {' | '.join(told)}"


def main() -> None:
    """Print the lines as they come."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="*", default=["films", "ml-1m"])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--only", nargs="+", default=[])
    asked = parser.parse_args()
    for line in rows(asked.data, asked.seeds, asked.epochs, asked.only):
        print(line, flush=True)


if __name__ == "__main__":
    main()
