"""Models whose weights are no seed's, and what the tests of smaller models ask of them."""

from functools import cache

import numpy as np
import pandas as pd

from recmagic import Dataset, Model
from recmagic.saving import store
from tests.compiler.tiny import data

PRODUCT = "score = embedding(user_id, {width}) @ embedding(item_id, {width})\nloss = BPR()"
USERS, ITEMS = np.repeat(range(24), 16), np.tile(range(16), 24)


@cache
def many() -> Dataset:
    """Two thousand users with three of eight hundred items each: tables that outweigh everything else."""
    random = np.random.default_rng(0)
    users = np.repeat(range(2000), 3)
    return Dataset.load(pd.DataFrame({"user_id": users, "item_id": np.concatenate([range(800), random.integers(
        0, 800, 5200)])}).drop_duplicates(), split="random", name="many")


def model_of(cell: str, of: Dataset | None = None, seed: int = 1) -> Model:
    """A model of the tiny data, or of others, each of whose weights has been given another number."""
    model, random = Model.read(cell, of or data(), name="m"), np.random.default_rng(seed)
    for variable in model.program.cut.trainable_variables:
        variable.assign(random.normal(0, 0.3, variable.shape))
    model.program.as_drawn, model.trained = False, True
    return model


def scores(model: Model) -> np.ndarray:
    return model.predict(USERS, ITEMS)


def weights_in(path) -> tuple[int, dict[str, np.ndarray]]:
    """The bytes of the weights in a saved model, and the weights."""
    _, arrays = store.read(path)
    weights = {name: each for name, each in arrays.items() if name.startswith("program/")}
    return sum(each.nbytes for each in weights.values()), weights
