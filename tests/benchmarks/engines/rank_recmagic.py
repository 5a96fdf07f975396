"""Full ranking by recmagic's own evaluation, with the vectors of users and items set.

python rank_recmagic.py WORK TIMES USERS ITEMS METRICS     prints one line of JSON

METRICS is lists (the seven that the other engines measure) or report (all that %receval shows).
"""

import os
import time

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np
import pandas as pd
from devices import device, package
from rank_data import RELEVANT, K, Lists, made
from telling import asked, tell

from recmagic import Dataset, Model, backends
from recmagic.evaluation.evaluate import ACCURACY, DEFAULT, evaluate
from recmagic.evaluation.predictions import scorer_for
from recmagic.evaluation.selection import select_for

CELL = "score = embedding(user_id, 64) @ embedding(item_id, 64)\nloss = BPR()"


def dataset(lists: Lists) -> Dataset:
    """Return what is seen as training, what is relevant as the test."""
    rows, seen = lists.seen_pairs(0, len(lists.users))
    users = np.r_[rows, np.repeat(np.arange(len(lists.users)), RELEVANT)]
    part = np.repeat(["train", "test"], [len(rows), lists.relevant.size])
    unseen = np.setdiff1d(np.arange(len(lists.items)), seen)  # one more user has them, so that all items are known
    users, part = np.r_[users, np.full(len(unseen), len(lists.users))], np.r_[part, np.full(len(unseen), "train")]
    items = np.r_[seen, lists.relevant.ravel(), unseen]
    return Dataset.load(pd.DataFrame({"user_id": users, "item_id": items, "split": part}), split="file")


def main() -> None:
    _, times, (users, items, which) = asked()
    lists = made(int(users), int(items))
    data = dataset(lists)
    program = Model.read(CELL, data).program
    vectors = {data.users.count + 1: lists.users, data.items.count + 1: lists.items}
    weights = [np.array(each) for each in program.cut.get_weights()]
    for each in weights:
        given = vectors[len(each)]
        each[1 : 1 + len(given)] = given
    program.cut.set_weights(weights)
    metrics = ACCURACY if which == "lists" else DEFAULT
    backend, seconds = backends.current(), []
    for _ in range(times + 1):
        began = time.perf_counter()
        scorer = scorer_for(program, backend, "test")
        found = evaluate(scorer, data, k=K, metrics=metrics, select=select_for(backend))
        seconds.append(time.perf_counter() - began)
    framework = keras.backend.backend()
    tell(len(lists.users), seconds[1:], ["keras", package(framework)], device(framework),
         note=f"ndcg {found.means[f'ndcg@{K}']:.5f}")


if __name__ == "__main__":
    main()
