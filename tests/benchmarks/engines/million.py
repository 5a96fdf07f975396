"""A step of BPR-MF where the catalogue has a million items, by %rectrain's own path.

python million.py WORK EPOCHS CASE     prints one line of JSON, whose samples are steps

CASE is small (10 thousand rows in both tables), dense (Adam changes all of the large table) or rows (only the rows that
a step looks up, as recmagic does by itself).
"""

import sys

import numpy as np
import pandas as pd
from data import made_log
from devices import device
from telling import asked, tell

from recmagic import Dataset, Model
from recmagic.training import large_tables
from recmagic.training.events import EpochEnded, RunStarted

USERS, ITEMS, MORE, BATCH = 6040, {"small": 3706, "dense": 1_000_000, "rows": 1_000_000}, 200_000, 4096
CELL = """
score = embedding(user_id, 64) @ embedding(item_id, 64)
loss = BPR()
negatives = uniform(1)
optimizer = Adam(1e-3)
"""


def dataset(items: int) -> Dataset:
    """Return a log in which every item occurs, most of them once."""
    log = made_log(USERS, items, MORE)
    rng = np.random.default_rng(1)
    users = np.r_[log.users, rng.integers(1, USERS + 1, items, dtype=np.int32)]
    frame = pd.DataFrame({"user_id": users, "item_id": np.r_[log.items, np.arange(1, items + 1, dtype=np.int32)]})
    part = np.zeros(len(frame), np.int8)
    part[:2] = 1, 2
    return Dataset.load(frame.assign(split=part), split="file", duplicates="first")


def main() -> None:
    _, epochs, (case,) = asked()
    if case == "dense":
        large_tables.LARGE = sys.maxsize
    told: list[object] = []
    model = Model.read(CELL, dataset(ITEMS[case]))
    model.train(epochs=epochs + 1, batch=BATCH, patience=None, listen=told.append)
    steps = next(event.steps for event in told if isinstance(event, RunStarted))
    seconds = [event.seconds for event in told if isinstance(event, EpochEnded)]
    tell(steps, seconds[1:], ["keras", "jax"], device("jax"))


if __name__ == "__main__":
    main()
