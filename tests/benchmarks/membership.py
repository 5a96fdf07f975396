"""Prints what an attacker learns of who is in the data, and what privacy costs: membership inference against epsilon.

python tests/benchmarks/membership.py [--data films movielens-100k] [--unit interaction user] [--epsilons none 1 4 16]
                                      [--canaries 2000] [--epochs 30] [--cost]

Some interactions (or users), the canaries, are put into the training part by the toss of a fair coin, the others are
left out. A model is trained until it overfits. An attacker who sees it and all rows, but no coin, guesses: those with
the lowest loss were in, those with the highest were not; the third between is left open. How many guesses are right
gives a lower bound of epsilon with 99 % confidence (Steinke, Nasr & Jagielski 2023, Privacy auditing with one training
run, theorem 5.2; the interval is Clopper and Pearson's). It must lie under the epsilon that was promised.

`--cost` prints ndcg@10 on the test part against epsilon instead, for a model that knows users by what they have.
"""

from __future__ import annotations

import argparse
import math
import os
from dataclasses import dataclass, replace

os.environ.setdefault("KERAS_BACKEND", "jax")

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta

from recmagic import Dataset, Model
from recmagic.data.split import TRAIN
from recmagic.privacy import Privacy

LEFT_OUT = 9  # a part that is none
DELTA, MISTAKEN = 1e-6, 0.01
OVERFIT = """score = embedding(user_id, 32) @ embedding(item_id, 32)
loss = BinaryCrossentropy()
target = at_least(rating, 4)
optimizer = Adam(0.03)
"""
LOOKS_BACK = """item = embedding(item_id, 16)
score = mean(history(item, 20)) @ item
loss = CategoricalCrossentropy()
negatives = uniform(32)
optimizer = Adam(0.01)
"""


@dataclass(frozen=True)
class Attack:
    """What an attacker found out: how often right among how many guesses, and the least epsilon that allows it."""

    right: int
    guesses: int
    promised: float | None
    bound: float

    def __str__(self) -> str:
        promised = "no promise" if self.promised is None else f"promised {self.promised:.2f}"
        return (f"{self.right} of {self.guesses} guesses right ({self.right / self.guesses:.3f}); epsilon is at least "
                f"{self.bound:.2f}; {promised}")


def lower_bound(right: int, guesses: int, canaries: int) -> float:
    """Return the epsilon that is exceeded with 99 % confidence, 0 where guessing does as well."""
    mistaken = MISTAKEN - 2 * canaries * DELTA
    least = beta.ppf(mistaken, right, guesses - right + 1) if right else 0.0  # Clopper & Pearson 1934, one-sided
    return max(0.0, math.log(least / (1 - least))) if 0 < least < 1 else 0.0


def attacked(data: Dataset, unit: str, epsilon: float | None, canaries: int, epochs: int, seed: int,
             batch: int | None = None) -> Attack:
    """Train with and without canaries by a coin, and guess from the losses which are in."""
    events, rng = data.interactions, np.random.default_rng(seed)
    trained = np.flatnonzero(events.part == TRAIN)
    units = trained if unit == "interaction" else np.unique(events.user_row[trained])
    chosen = rng.choice(units, min(canaries, len(units)), replace=False)
    heads = rng.random(len(chosen)) < 0.5
    part = events.part.copy()
    out = chosen[~heads]
    part[out if unit == "interaction" else np.isin(events.user_row, out) & (part == TRAIN)] = LEFT_OUT
    model = Model.read(OVERFIT, replace(data, interactions=replace(events, part=part)), name="overfit")
    private = None if epsilon is None else Privacy(epsilon=epsilon, delta=DELTA, unit=unit)
    history = model.train(epochs=epochs, patience=None, private=private, batch=batch, seed=seed)
    losses = _losses(model, trained)
    if unit == "user":
        whose = events.user_row[trained]
        sums, counts = np.bincount(whose, losses), np.bincount(whose)
        suspected = -sums[chosen] / counts[chosen]
    else:
        suspected = -losses[np.searchsorted(trained, chosen)]
    third = len(chosen) // 3
    order = np.argsort(suspected)
    right = int(heads[order[-third:]].sum() + (~heads[order[:third]]).sum())
    promised = None if history.guarantee is None else history.guarantee.budget
    return Attack(right, 2 * third, promised, lower_bound(right, 2 * third, len(chosen)))


def _losses(model: Model, rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the loss of each row under the weights, which the attacker has: tables of users and of items."""
    events = model.data.interactions
    codes = [model.program.tables[table].values for table in ("user/user_id", "item/item_id")]
    users, items = (np.array(layer.embeddings.numpy())[code] for layer, code in zip(model.program.layers, codes))
    scores = np.sum(users[events.user_row[rows]] * items[events.item_row[rows]], axis=1, dtype=np.float64)
    liked = model.program.learning.target.values[rows]
    return np.logaddexp(0, scores) - liked * scores


def cost(data: Dataset, epsilon: float | None, epochs: int, seed: int) -> float:
    """Return ndcg@10 on the test part of a model trained with so much privacy of users."""
    model = Model.read(LOOKS_BACK, data, name="looks_back")
    private = None if epsilon is None else Privacy(epsilon=epsilon, delta=1e-5)
    model.train(epochs=epochs, private=private, seed=seed)
    return next(row.values["ndcg@10"] for row in model.evaluate(k=10).rows)


def main() -> None:
    """Print a line for each data set, unit and epsilon."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", nargs="+", default=["films"])
    parser.add_argument("--unit", nargs="+", default=["interaction", "user"])
    parser.add_argument("--epsilons", nargs="+", default=["none", "1", "4", "16"])
    parser.add_argument("--canaries", type=int, default=2000)
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--cost", action="store_true")
    asked = parser.parse_args()
    epsilons = [None if each == "none" else float(each) for each in asked.epsilons]
    for name in asked.data:
        data = Dataset.load(name)
        for epsilon in epsilons:
            told = "no privacy" if epsilon is None else f"epsilon {epsilon:g}"
            if asked.cost:
                print(f"{name}, {told}: ndcg@10 {cost(data, epsilon, asked.epochs, asked.seed):.4f}", flush=True)
                continue
            for unit in asked.unit:
                found = attacked(data, unit, epsilon, asked.canaries, asked.epochs, asked.seed)
                print(f"{name}, {unit}s, {told}: {found}", flush=True)


if __name__ == "__main__":
    main()
