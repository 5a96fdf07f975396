"""Smaller models: bytes of weights in the saved file and ndcg@10 after reload, beside the original's.

python tests/benchmarks/smaller.py [--data movielens-1m] [--epochs 20] [--models SASRec] [--how int4]

Goals: 4x smaller within 1 %, 8x within 3 %.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "jax")

import recmagic
from recmagic.errors import RecmagicError
from recmagic.saving import store

HOWS = {
    "int8": {"quantize": "int8"},
    "int4": {"quantize": "int4"},
    "half the width": {"prune": 0.5, "structured": True},
    "half the width, int8": {"prune": 0.5, "structured": True, "quantize": "int8"},
    "half the width, int4": {"prune": 0.5, "structured": True, "quantize": "int4"},
    "50 % zeros, int8": {"prune": 0.5, "quantize": "int8"},
    "80 % zeros": {"prune": 0.8},
    "80 % zeros, int8": {"prune": 0.8, "quantize": "int8"},
    "rank 16": {"low_rank": 16},
}


def measured(model):
    """The bytes of the weights on disk, and what the model that is read again scores."""
    with tempfile.TemporaryDirectory() as folder:
        path = model.save(Path(folder) / "kept")
        _, arrays = store.read(path)
        again = recmagic.load(path)
        size = sum(each.nbytes for name, each in arrays.items() if name.startswith("program/"))
        report = again.evaluate(k=10)
        value = next(row.values["ndcg@10"] for row in report.rows if row.model == again.name and row.of == "all users")
    return size, value


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", default="films", help="films, or movielens-1m")
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--models", nargs="+", default=["SASRec", "NeuMF", "DeepFM"])
    parser.add_argument("--how", nargs="+", default=list(HOWS))
    given = parser.parse_args()
    data = recmagic.Dataset.load(given.data, split="last")
    print(f"{data.name}: {data.users.count:,} users, {data.items.count:,} items; {given.epochs} epochs, 5 to fine-tune")
    for zoo in given.models:
        model = recmagic.Model.from_zoo(zoo, data, name=zoo)
        model.train(epochs=given.epochs)
        size, value = measured(model)
        print(f"{zoo}: {size / 1000:,.0f} kB, ndcg@10 {value:.4f}", flush=True)
        for how in given.how:
            try:
                small, less = measured(model.compress(**HOWS[how], name=zoo))
            except RecmagicError as error:
                print(f"  {how:22} {str(error).splitlines()[0]}", flush=True)
                continue
            print(f"  {how:22} {size / small:5.2f}x {less:.4f} {100 * (less / value - 1):+6.1f} %", flush=True)


if __name__ == "__main__":
    main()
