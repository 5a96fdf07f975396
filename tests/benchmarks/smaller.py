"""Smaller models: bytes of weights in the saved file and ndcg@10 after reload, beside the original's.

`python tests/benchmarks/smaller.py [films | movielens-1m] [epochs] [models ...]`; goals: 4x within 1 %, 8x within 3 %.
MovieLens is looked for under RECMAGIC_DATA, else ../shared/data.
"""

import sys
import tempfile
import time
from pathlib import Path

import recmagic
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


def data_of(name):
    if name != "films":
        import os

        os.environ.setdefault("RECMAGIC_DATA", str(Path(__file__).parents[3] / "shared" / "data"))
    return recmagic.Dataset.load(name, split="last")


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


def main(name="films", epochs="20", *models):
    data = data_of(name)
    print(f"{data.name}: {data.users.count:,} users, {data.items.count:,} items; {epochs} epochs, 5 to fine-tune")
    for zoo in models or ("SASRec", "NeuMF", "DeepFM"):
        model = recmagic.Model.from_zoo(zoo, data, name=zoo)
        model.train(epochs=int(epochs))
        size, value = measured(model)
        print(f"{zoo}: {size / 1000:,.0f} kB, ndcg@10 {value:.4f}", flush=True)
        for how, options in HOWS.items():
            began = time.perf_counter()
            try:
                small, less = measured(model.compress(**options, name=zoo))
            except recmagic.errors.RecmagicError as error:
                print(f"  {how:22} {str(error).splitlines()[0]}", flush=True)
                continue
            print(f"  {how:22} {size / small:5.2f}x {less:.4f} {100 * (less / value - 1):+6.1f} %  "
                  f"{time.perf_counter() - began:.0f} s", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
