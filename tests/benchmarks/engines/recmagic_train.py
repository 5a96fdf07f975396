"""A work by %rectrain's own path, on the backend that KERAS_BACKEND names.

python recmagic_train.py WORK EPOCHS     prints one line of JSON; negatives are never what the user has
"""

import os

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np
import pandas as pd
from data import FIELDS, USER_FIELDS, WORKS, Work, clicks, examples, read_log
from devices import device, package
from keras import ops
from telling import asked, tell

import recmagic
from recmagic import Dataset, Model
from recmagic.training.events import Compiled, EpochEnded


@recmagic.layer
class FactorizationMachine(keras.layers.Layer):
    """The second order of a factorisation machine: a list of vectors (B, D) to the sum of their products (B, 1)."""

    def call(self, vectors):
        stacked = ops.stack(vectors, axis=1)
        both = ops.square(ops.sum(stacked, axis=1)) - ops.sum(ops.square(stacked), axis=1)
        return 0.5 * ops.sum(both, axis=-1, keepdims=True)

    def compute_output_shape(self, shapes):
        return (shapes[0][0], 1)


NEXT_ITEM = "score = past @ item\nloss = BinaryCrossentropy()\nnegatives = uniform(1)"
SASREC = """item = embedding(item_id, 64)
past = history(item, {length}) >> PositionEmbedding() >> TransformerBlock(heads=2, causal=True) >> TransformerBlock(
    heads=2, causal=True) >> LayerNormalization(epsilon=1e-6)
"""
CELLS = {
    "bpr": "score = embedding(user_id, 64) @ embedding(item_id, 64)\nloss = BPR()\nnegatives = uniform(1)",
    "neumf": """x = concat(embedding(user_id, 64), embedding(item_id, 64))
score = x >> Dense(128, relu) >> Dense(64, relu) >> Dense(1, sigmoid)
loss = BinaryCrossentropy()
negatives = uniform(4)""",
    "deepfm": """vectors = fields(16)
deep = concat(vectors) >> Dense(128, relu) >> Dense(128, relu) >> Dense(1)
score = (fields(1) >> Add()) + (vectors >> FactorizationMachine()) + deep
loss = BinaryCrossentropy()
target = label""",
    "gru4rec": "item = embedding(item_id, 64)\npast = history(item, {length}) >> GRU(64, return_sequences=True) >> "
               f"Dense(64)\n{NEXT_ITEM}",
    "sasrec-bce": SASREC + NEXT_ITEM,
    "sasrec-softmax": SASREC + "score = past @ item\nloss = CategoricalCrossentropy()\nnegatives = catalogue()",
}


def dataset(work: Work) -> Dataset:
    """Return the work's log, all of it training but for two rows: the engine's own time is asked for."""
    if work.model == "deepfm":
        values, labels = clicks()
        table = pd.DataFrame(values + 1, columns=list(FIELDS)).assign(label=labels)
        sides = list(FIELDS)[:USER_FIELDS], list(FIELDS)[USER_FIELDS:]
        described = {key: table[side].drop_duplicates() for key, side in zip(("users", "items"), sides)}
        types = {field: "category" for side in sides for field in side[1:]}
        frame = table[["user_id", "item_id", "label"]]
    else:
        log, described, types = read_log(work.log), {}, {}
        frame = pd.DataFrame({"user_id": log.users, "item_id": log.items})
    part = np.zeros(len(frame), np.int8)
    part[-2:] = 1, 2
    return Dataset.load(frame.assign(split=part), split="file", duplicates="first", types=types, **described)


def main() -> None:
    name, epochs, _ = asked()
    work = WORKS[name]
    model = Model.read(CELLS[work.model].format(length=work.length) + "\noptimizer = Adam(1e-3)", dataset(work))
    told: list[object] = []
    model.train(epochs=epochs + 1, batch=work.batch, patience=None, listen=told.append)
    seconds = [event.seconds for event in told if isinstance(event, EpochEnded)]
    compiled = sum(event.seconds for event in told if isinstance(event, Compiled))
    backend = keras.backend.backend()
    tell(examples(work).samples, seconds[1:], ["keras", package(backend)], device(backend),
         note=f"compiled in {compiled:.1f} s")


if __name__ == "__main__":
    main()
