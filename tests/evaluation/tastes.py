"""A small shop where each customer buys of one shelf, with few and quick models over it."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

import recmagic

BOTH = """user  = embedding(user_id, 4)
item  = concat(embedding(item_id, 4), embedding(shelf, 2)) >> Dense(4)
score = user @ item + bias(user_id) + bias(item_id)"""
MIXED = "score = concat(embedding(user_id, 4), embedding(item_id, 4)) >> Dense(4, 'relu') >> Dense(1)"
LOOKING_BACK = """item  = embedding(item_id, 4)
user  = mean(history(item, 8))
score = user @ item"""
KNN = "score = ItemKNN()"


@cache
def shop():
    """Return 40 customers and 30 things on 3 shelves; customer n buys 8 things, mostly of shelf n % 3."""
    rng = np.random.default_rng(0)
    items = pd.DataFrame({"thing": range(100, 130), "title": [f"thing {n}" for n in range(30)],
                          "shelf": ["garden|green", "kitchen", "tools"] * 10, "year": range(1990, 2020)})
    rows = []
    for user in range(40):
        chance = np.where(np.arange(30) % 3 == user % 3, 8.0, 1.0)
        bought = rng.choice(30, 8, replace=False, p=chance / chance.sum())
        rows += [{"customer": f"c{user}", "thing": 100 + each, "stars": 1 + int(rng.integers(5)), "time": nth}
                 for nth, each in enumerate(bought)]
    return recmagic.Dataset.load(pd.DataFrame(rows), name="shop", user="customer", item="thing", rating="stars",
                                 items=items, split="last", types={"shelf": "multi"})


@cache
def trained(text: str, name: str):
    """Return a model of the shop: solved, or with weights drawn at random, which is quicker and as good here."""
    model = recmagic.Model.read(text, shop(), name=name)
    if text == KNN:
        model.train()
    else:
        rng = np.random.default_rng(2)
        for layer in model.program.layers:
            layer.set_weights([rng.normal(size=each.shape) for each in layer.get_weights()])
        model.trained = True
    return model
