"""Prints the quality of a model on a named protocol, with its spread over seeds: one command a row of the table.

python tests/benchmarks/accuracy.py bprmf [--seeds 3] [--epochs 80]

The data is looked for under RECMAGIC_DATA or ../shared/data (research use; it is not part of the project).
"""

import argparse
import os
import statistics
import time
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "jax")

from recmagic import Dataset, Model

FOLDER = Path(os.environ.get("RECMAGIC_DATA", Path(__file__).parents[3] / "shared" / "data"))


@dataclass(frozen=True)
class Row:
    """A cell on a protocol: how the data is loaded, how long it is trained, and the literature's number."""

    protocol: str
    load: dict[str, object]
    cell: str
    batch: int
    anchor: str


ROWS = {
    "bprmf": Row(
        "B: ML-1M, rating >= 3, random 8:1:1 per user, full ranking",
        {"source": "movielens-1m", "folder": "ml-1m", "keep": "rating >= 3", "split": "random"},
        """
        score = embedding(user_id, 64) @ embedding(item_id, 64)
        loss = BPR()
        optimizer = Adam(1e-3)
        """,
        4096,
        "RecBole's BPR: ndcg@10 .2401",
    ),
}
METRICS = ("recall@10", "mrr@10", "ndcg@10", "hit_rate@10", "precision@10")


def run(row: Row, seed: int, epochs: int) -> dict[str, float]:
    """Train a row's cell with one seed, for the split and the model, and return its test metrics."""
    options = {name: value for name, value in row.load.items() if name not in ("source", "folder")}
    data = Dataset.load(row.load["source"], path=FOLDER / str(row.load["folder"]), seed=seed, **options)
    cell = "\n".join(line.strip() for line in row.cell.strip().splitlines())
    model = Model.read(cell, data, name="model")
    began = time.perf_counter()
    history = model.train(epochs=epochs, batch=row.batch, patience=10, seed=seed)
    table = model.evaluate().df.set_index(["model", "of"]).loc[("model", "all users")]
    print(f"seed {seed}: {time.perf_counter() - began:.0f} s, best epoch {history.best_epoch} of {len(history.epochs)}",
          *(f"{name} {table[name]:.4f}" for name in METRICS), flush=True)
    return {name: float(table[name]) for name in METRICS}


def main() -> None:
    """Run the seeds of one row and print mean and spread."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("row", choices=ROWS)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=80)
    asked = parser.parse_args()
    row = ROWS[asked.row]
    found = [run(row, seed, asked.epochs) for seed in range(asked.seeds)]
    print(f"{asked.row} on {row.protocol} ({row.anchor})")
    for name in METRICS:
        values = [each[name] for each in found]
        print(f"  {name:14s} {statistics.mean(values):.4f}  [{min(values):.4f}-{max(values):.4f}]")


if __name__ == "__main__":
    main()
