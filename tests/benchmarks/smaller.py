"""Smaller models: bytes of weights in the saved file and ndcg@10 after reload, beside the original's.

python tests/benchmarks/smaller.py [--data movielens-1m] [--epochs 20] [--models SASRec] [--how int4]

Goals: 4x smaller within 1 %, 8x within 3 %. What is best for a goal is chosen on the validation part; its loss is told
on the test part.
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
    "pq 8": {"pq": 8},
    "pq 8, int8": {"pq": 8, "quantize": "int8"},
    "pq 16, int8": {"pq": 16, "quantize": "int8"},
    "taught half the width": {"distill": True},
    "taught half the width, int8": {"distill": True, "quantize": "int8"},
    "taught half the width, int4": {"distill": True, "quantize": "int4"},
}
HALF = {"SASRec": {"width": 32}, "NeuMF": {"width": 32, "hidden": 32}, "DeepFM": {"width": 8, "hidden": 64}}
GOALS = {4: 1, 8: 3}  # times smaller, within per cent


def measured(model):
    """The bytes of the weights on disk, and what the model that is read again scores on validation and on test."""
    with tempfile.TemporaryDirectory() as folder:
        path = model.save(Path(folder) / "kept")
        _, arrays = store.read(path)
        again = recmagic.load(path)
    size = sum(each.nbytes for name, each in arrays.items() if name.startswith("program/"))
    reports = (again.evaluate(k=10, on=part) for part in ("valid", "test"))
    return size, *(next(row.values["ndcg@10"] for row in each.rows if row.of == "all users") for each in reports)


def made_smaller(model, zoo, data, how):
    """The smaller model; where the original teaches, it teaches the same of the zoo at half the width."""
    settings = dict(HOWS[how])
    if settings.pop("distill", False):
        settings["distill"] = recmagic.Model.from_zoo(zoo, data, name=zoo, **HALF[zoo])
    return model.compress(**settings, name=zoo)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", default="films", help="films, or movielens-1m")
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--models", nargs="+", default=["SASRec", "NeuMF", "DeepFM"])
    parser.add_argument("--how", nargs="+", default=list(HOWS))
    given = parser.parse_args()
    data = recmagic.Dataset.load(given.data, split="last")
    print(f"{data.name}: {data.users.count:,} users, {data.items.count:,} items; {given.epochs} epochs, 5 to tune, "
          "20 to be taught; ndcg@10 on validation and on test")
    for zoo in given.models:
        model = recmagic.Model.from_zoo(zoo, data, name=zoo)
        model.train(epochs=given.epochs)
        whole, *values = measured(model)
        print(f"{zoo}: {whole / 1000:,.0f} kB, {values[0]:.4f} {values[1]:.4f}", flush=True)
        found = {}
        for how in given.how:
            try:
                small, *less = measured(made_smaller(model, zoo, data, how))
            except RecmagicError as error:
                print(f"  {how:28} {str(error).splitlines()[0]}", flush=True)
                continue
            found[how] = whole / small, *(100 * (after / before - 1) for before, after in zip(values, less))
            print(f"  {how:28} {whole / small:5.2f}x {less[0]:.4f} {found[how][1]:+6.1f} %   {less[1]:.4f} "
                  f"{found[how][2]:+6.1f} %", flush=True)
        for times, within in GOALS.items():
            enough = {how: row for how, row in found.items() if row[0] >= times}
            if enough:
                best = max(enough, key=lambda how: enough[how][1])
                kept = "met" if enough[best][2] >= -within else "missed"
                print(f"  {times}x within {within} %: {best}, {enough[best][2]:+.1f} % on test: {kept}", flush=True)


if __name__ == "__main__":
    main()
