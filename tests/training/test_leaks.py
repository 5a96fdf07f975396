"""Nothing of validation and test reaches training: with other rows there, the same weights are learned, to the bit."""

import numpy as np
import pytest

from recmagic.data.dataset import Dataset
from recmagic.data.split import TRAIN
from recmagic.model import Model
from recmagic.scorers import Log
from recmagic.scorers.popularity import Popularity
from tests.compiler.tiny import tables

ITEM = "item = embedding(item_id, 4)\n"
CELLS = {
    "vocabulary": "score = (embedding(user_id, 4) >> Dense(4)) @ embedding(item_id, 4)",
    "statistics": "situation = concat(number(minutes), embedding(buckets(minutes, 4), 3)) >> Dense(4)\n"
                  "score = situation @ embedding(item_id, 4) + bias(user_id)\nloss = BPR()",
    "categories": "score = (concat(embedding(device, 4), embedding(user_id, 4)) >> Dense(4)) @ embedding(item_id, 4)",
    "popularity": "score = embedding(user_id, 4) @ embedding(item_id, 4)\nloss = CategoricalCrossentropy()\n"
                  "negatives = popular(4)",
    "negatives": "score = embedding(user_id, 4) @ embedding(item_id, 4)\nloss = BPR()\nnegatives = uniform(3)",
    "history": ITEM + "score = (history(item, 4) >> GRU(4, return_sequences=True)) @ item",
    "hidden steps": ITEM + "score = (history(item, 4) >> TransformerBlock()) @ item\ntarget = masked_item(0.3)",
    "profile": ITEM + "score = mean(profile(item)) @ item\nloss = BPR()",
    "whole profiles": ITEM + "score = mean(profile(item)) @ item\ntarget = profile_items()",
    "graph": "user = embedding(user_id, 4)\n" + ITEM + "score = propagate(user, item) @ propagate(item, user)\n"
             "loss = BPR()",
    "likely positives": "score = embedding(user_id, 4) @ embedding(item_id, 4)\nloss = BPR()\n"
                        "augment = [pseudo_labels(EASE(5.0), items=12, users=9)]",
    "rows between others": "score = concat(number(minutes), number(age), embedding(item_id, 4)) >> Dense(4) >> Dense(1)"
                           "\ntarget = at_least(rating, 5)\naugment = [smote()]",
    "target": "score = bias() + bias(user_id) + bias(item_id)\nloss = MeanSquaredError()\ntarget = rating",
}


def dataset(seed: int, planted: bool = False) -> Dataset:
    """The tiny tables with the last rows of each user held out, where a seed changes all that those say.

    With `planted`, those of all users but the first are in the training part: a leak.
    """
    events, users, items = tables()
    events = events.sort_values(["user_id", "timestamp"], kind="stable").reset_index(drop=True)
    behind = events.groupby("user_id").cumcount(ascending=False)
    part = np.select([behind == 0, behind == 1], [2, 1], 0)
    random, held = np.random.default_rng(seed), part > 0
    count = int(held.sum())
    events.loc[held, "rating"] = random.integers(1, 6, count).astype(float)
    events.loc[held, "minutes"] = random.normal(500 * seed, 20, count)
    events.loc[held, "device"] = random.choice(["phone", f"watch {seed}"], count)
    taken = {user: set(own.item_id[~held[own.index]]) for user, own in events.groupby("user_id")}
    events.loc[held, "item_id"] = [random.choice(sorted(set(range(16)) - taken[user])) for user in events.user_id[held]]
    events["split"] = np.where(planted & (events.user_id > 0), 0, part)
    types = {"genres": "multi", "title": "text", "device": "category", "country": "category", "age": "number"}
    return Dataset.load(events, users=users, items=items, split="file", types=types, name="tiny", duplicates="first")


def learned(name: str, seed: int, planted: bool = False) -> list[np.ndarray]:
    """The weights after an epoch: with one only, validation has nothing to choose."""
    model = Model.read(CELLS[name], dataset(seed, planted))
    model.train(epochs=1, batch=16, seed=3)
    return [np.array(each) for each in model.program.cut.get_weights()]


def same(first: list[np.ndarray], second: list[np.ndarray]) -> bool:
    return len(first) == len(second) and all(np.array_equal(one, other) for one, other in zip(first, second))


@pytest.mark.parametrize("name", CELLS)
def test_other_rows_held_out_change_nothing(name):
    assert same(learned(name, 1), learned(name, 2))


@pytest.mark.parametrize("name", CELLS)
def test_a_planted_leak_is_seen(name):
    assert not same(learned(name, 1, planted=True), learned(name, 2, planted=True))


def test_popularity_is_counted_from_what_it_is_given():
    counts = [Popularity().fit(Log.of(dataset(seed).interactions, [TRAIN])).counts for seed in (1, 2)]
    np.testing.assert_array_equal(*counts)
