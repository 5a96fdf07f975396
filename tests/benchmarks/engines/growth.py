"""How an epoch of BPR-MF grows with the log, by %rectrain's own path, on simulated logs.

python growth.py WORK EPOCHS INTERACTIONS [MB]     prints one line of JSON

With MB, so much memory may hold the training log at a time, which is then read in shards from Parquet.
Users and items grow with the log as from MovieLens 1M to 20M: in proportion, and with its power of two thirds. The peak
memory holds the simulation's and the loading's too.
"""

import time

import numpy as np
import pandas as pd
from data import made_log
from devices import device
from telling import asked, tell

from recmagic import Dataset, Model
from recmagic.training.events import EpochEnded, RunStarted

BATCH = 4096
CELL = """
score = embedding(user_id, 64) @ embedding(item_id, 64)
loss = BPR()
negatives = uniform(1)
optimizer = Adam(1e-3)
"""


def dataset(count: int) -> Dataset:
    """Return a simulated log of so many interactions, a few of which name a pair again and are dropped."""
    log = made_log(round(count / 145), round(3706 * (count / 1e6) ** (2 / 3)), count)
    part = np.zeros(count, np.int8)
    part[-2:] = 1, 2
    frame = pd.DataFrame({"user_id": log.users, "item_id": log.items, "split": part})
    return Dataset.load(frame, split="file", duplicates="first")


def main() -> None:
    _, epochs, (count, *shard) = asked()
    memory = int(shard[0]) * 2**20 if shard else None
    began = time.perf_counter()
    data = dataset(int(count))
    loaded = time.perf_counter() - began
    told: list[object] = []
    model = Model.read(CELL, data)
    model.train(epochs=epochs + 1, batch=BATCH, patience=None, memory=memory, listen=told.append)
    examples = next(event.examples for event in told if isinstance(event, RunStarted))
    seconds = [event.seconds for event in told if isinstance(event, EpochEnded)][1:]
    each = 1e6 * min(seconds) / examples
    tell(examples, seconds, ["keras", "jax"], device("jax"), note=(
        f"{examples:,} examples, {each:.2f} µs each at best; {data.users.count:,} users, {data.items.count:,} items; "
        f"loaded in {loaded:.1f} s"))


if __name__ == "__main__":
    main()
