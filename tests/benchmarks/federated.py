"""Prints what it costs to leave the data with its users: ndcg@10 and bytes, central against federated.

python tests/benchmarks/federated.py [--data movielens-100k movielens-1m] [--clients 200] [--rounds 100] [--epsilons 8]
                                     [--cells factors history] [--runs fedavg fedprox fedadam]

The cells are a factorisation, of which users' rows stay with their clients, and one that knows users by what they have,
of which nothing stays. ndcg@10 is that of the test part (each user's last item), and of Popularity beside it. Bytes are
of weights, to clients and from them, over the whole run. The data is looked for under RECMAGIC_DATA or ../shared/data.
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "jax")

from recmagic import Dataset, Model
from recmagic.federated import Federated
from recmagic.privacy import Privacy

FOLDER = Path(os.environ.get("RECMAGIC_DATA", Path(__file__).parents[3] / "shared" / "data"))
PLACES = {"movielens-100k": "ml-100k", "movielens-1m": "ml-1m"}
CELLS = {
    "factors": "score = embedding(user_id, 32) @ embedding(item_id, 32)\nloss = BPR()\nnegatives = uniform(4)\n"
               "optimizer = Adam(0.01)\n",
    "history": "item = embedding(item_id, 32)\nscore = mean(history(item, 20)) @ item\n"
               "loss = CategoricalCrossentropy()\nnegatives = uniform(32)\noptimizer = Adam(0.01)\n",
}
RUNS = {
    "fedavg": {"strategy": "fedavg", "epochs": 5},
    "fedprox": {"strategy": "fedprox", "epochs": 5, "mu": 0.01},
    "fedadam": {"strategy": "fedadam", "rate": 0.03, "epochs": 2},
    "fedadam, a fifth": {"strategy": "fedadam", "rate": 0.03, "epochs": 2, "fraction": 0.2},
    "fedadam, 10 % out, 20 % late": {"strategy": "fedadam", "rate": 0.03, "epochs": 2, "dropouts": 0.1,
                                     "stragglers": 0.2},
}


def told(name: str, model: Model, began: float) -> None:
    """Print a row of the table."""
    history = model.history
    sent = [sum(row.get(way, 0) for row in history.epochs) / 1e6 for way in ("down", "up")] if history else [0, 0]
    value = next(row.values["ndcg@10"] for row in model.evaluate(k=10).rows)
    print(f"  {name:34} ndcg@10 {value:.4f}   {len(history.epochs):4} rounds or epochs   "
          f"{sent[0]:8.1f} MB down {sent[1]:8.1f} MB up   {time.perf_counter() - began:6.0f} s", flush=True)


def main() -> None:
    """Train each model once centrally, and by each strategy."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", nargs="+", default=["movielens-100k"])
    parser.add_argument("--cells", nargs="+", default=list(CELLS), choices=CELLS)
    parser.add_argument("--runs", nargs="+", default=list(RUNS), choices=RUNS)
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--epsilons", nargs="*", type=float, default=[])
    arguments = parser.parse_args()
    for source in arguments.data:
        data = Dataset.load(source, split="last", path=FOLDER / PLACES[source])
        print(source, f"{arguments.clients} clients", flush=True)
        popular = Model.read("score = Popularity()", data)
        began = time.perf_counter()
        popular.train()
        told("Popularity", popular, began)
        for name in arguments.cells:
            runs = {run: (Federated(clients=arguments.clients, rounds=arguments.rounds, **settings), None)
                    for run, settings in RUNS.items() if run in arguments.runs}
            runs |= {f"fedavg, epsilon {epsilon:g} by client": (
                Federated(clients=arguments.clients, rounds=arguments.rounds, fraction=0.5, epochs=5),
                Privacy(epsilon=epsilon, delta=1e-4, clip=1.0)) for epsilon in arguments.epsilons}
            for run, (federated, private) in {"central": (None, None), **runs}.items():
                model, began = Model.read(CELLS[name], data), time.perf_counter()
                options = {"epochs": 40} if federated is None else {"federated": federated, "private": private}
                model.train(patience=20, **options)
                told(f"{name}: {run}", model, began)


if __name__ == "__main__":
    main()
