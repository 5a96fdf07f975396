"""Prints what lazy Adam costs in quality: BPR-MF on protocol B, its tables changed row by row and whole.

python tests/benchmarks/lazy_adam.py [--seeds 3] [--epochs 20 60]

ML-1M's tables are small, so recmagic changes them whole; here they count as large. Both ways see the same batches.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys

os.environ.setdefault("KERAS_BACKEND", "jax")

from accuracy_protocols import PROTOCOLS

from recmagic import Model
from recmagic.training import large_tables

WAYS = {"row by row": 0, "whole": sys.maxsize}


def ndcg(way: str, seed: int, epochs: int) -> float:
    """Return ndcg@10 of the test part after so many epochs, the last one's weights or the best one's before."""
    large_tables.LARGE = WAYS[way]
    protocol = PROTOCOLS["B"]
    model = Model.from_zoo("BPRMF", protocol.load(seed), name="BPRMF")
    model.train(epochs=epochs, batch=4096, seed=seed, patience=None)
    return protocol.measure(model)["ndcg@10"]


def main() -> None:
    """Print one line for each number of epochs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, nargs="+", default=[20, 60])
    asked = parser.parse_args()
    for epochs in asked.epochs:
        found = {way: [ndcg(way, seed, epochs) for seed in range(asked.seeds)] for way in WAYS}
        told = (f"{way} {statistics.mean(each):.4f} [{min(each):.4f}-{max(each):.4f}]" for way, each in found.items())
        print(f"{epochs} epochs, {asked.seeds} seeds, ndcg@10: {'; '.join(told)}", flush=True)


if __name__ == "__main__":
    main()
