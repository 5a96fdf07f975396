"""Ten million interactions of a million items, end to end: what each stage takes, in seconds and peak memory.

    python tests/benchmarks/scale.py [--interactions 10000000 --items 1000000 --users 100000 --ranked 10000]

The log is made up, by a seed: items as popular as Zipf's law has it, each of them at least once; users as active as a
log-normal law has it; a time and a rating each, and a title and a genre of each item. It is read from Parquet. One
interaction of each of `--ranked` users is for validation, one for the test, in which all items are ranked for each of
these users. Memory is the peak of the process's resident set within the stage, and what it holds behind it.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[2]))

import recmagic
from recmagic import Dataset, Model

SEED, START, YEAR = 0, 1_600_000_000, 31_536_000
CELL = """
score = embedding(user_id, 32) @ embedding(item_id, 32) + bias(item_id)
loss = BPR()
negatives = uniform(1)
"""


def write_tables(folder: Path, interactions: int, users: int, items: int, ranked: int) -> None:
    """Write log.parquet and items.parquet."""
    random = np.random.default_rng(SEED)
    share = 1 / np.arange(1, items + 1) ** 0.9
    item = np.searchsorted(np.cumsum(share / share.sum()), random.random(interactions)).clip(max=items - 1)
    item[:items] = np.arange(items)
    activity = random.lognormal(0, 1, users)
    user = np.searchsorted(np.cumsum(activity / activity.sum()), random.random(interactions)).clip(max=users - 1)
    named = random.permutation(items)  # a number says nothing about how popular its item is
    log = pd.DataFrame({"user_id": user, "item_id": named[item], "rating": random.integers(1, 6, interactions),
                        "timestamp": START + random.integers(0, YEAR, interactions)})
    log = log.drop_duplicates(["user_id", "item_id"])
    split = np.zeros(len(log), np.int8)
    for part in (1, 2):
        own = pd.Series(np.flatnonzero(split == 0)).groupby(log.user_id.to_numpy()[split == 0]).last()
        split[own.sample(min(ranked, len(own)), random_state=part)] = part
    log.assign(split=split).to_parquet(folder / "log.parquet")
    genres = random.choice(["drama", "comedy", "drama|war", "war|crime"], items)
    pd.DataFrame({"item_id": np.arange(items), "genre": genres,
                  "title": [f"Item {number}" for number in range(items)]}).to_parquet(folder / "items.parquet")


def memory(what: str) -> float:
    """Return the resident set in MB: "VmRSS", or its peak since it was last forgotten, "VmHWM"."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1000 for line in lines if line.startswith(what))


@contextmanager
def stage(name: str) -> Iterator[None]:
    """Print what a stage takes."""
    Path("/proc/self/clear_refs").write_text("5")  # forgets the peak
    began, used = time.perf_counter(), time.process_time()
    yield
    print(f"{name:12} {time.perf_counter() - began:8.1f} s {time.process_time() - used:8.1f} s of CPU "
          f"{memory('VmHWM'):8,.0f} MB at most {memory('VmRSS'):8,.0f} MB held", flush=True)


def run(folder: Path, ranked: int) -> None:
    with stage("load"):
        data = Dataset.load(folder / "log.parquet", items=folder / "items.parquet", split="file", name="scale")
    print(f"{len(data.interactions):,} interactions, {data.users.count:,} users, {data.items.count:,} items")
    with stage("model"):
        model = Model.read(CELL, data)
    with stage("fingerprint"):
        assert model.fingerprint
    with stage("train"):
        history = model.train(epochs=1)
    print({name: round(float(value), 4) for name, value in history.epochs[-1].items()})
    with stage("evaluate"):
        report = model.evaluate(k=10)
    print(f"{report.df.to_string(index=False) if hasattr(report, 'df') else report}")
    user = data.users.ids[1]
    with stage("recommend"):
        first = model.recommend(user, k=10)
    many = [data.users.ids[row] for row in range(1, min(1001, data.users.count + 1))]
    with stage("of 1,000"):
        model.recommend(many, k=10)
    with stage("similar"):
        model.similar_items(first.df.item_id.iloc[0], k=10)
    with stage("save"):
        model.save(folder / "saved")
    size = sum(each.stat().st_size for each in (folder / "saved").rglob("*") if each.is_file())
    with stage("read again"):
        again = recmagic.load(folder / "saved")
    print(f"{size / 1e6:,.0f} MB on disk")
    assert again.recommend(user, k=10).df.equals(first.df)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--interactions", type=int, default=10_000_000)
    options.add_argument("--users", type=int, default=100_000)
    options.add_argument("--items", type=int, default=1_000_000)
    options.add_argument("--ranked", type=int, default=10_000)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        with stage("make up"):
            write_tables(Path(folder), given.interactions, given.users, given.items, given.ranked)
        run(Path(folder), given.ranked)


if __name__ == "__main__":
    main()
