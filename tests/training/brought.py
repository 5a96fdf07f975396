"""Keras models over the tiny data as a user would build them, twice alike, and `fit` on the engine's own batches."""

import keras
import numpy as np

from recmagic.compiler.brought import BroughtProgram, bring
from recmagic.compiler.vocabulary import vocabulary
from tests.compiler.tiny import METRICS, data
from tests.training.runs import batches, parts
from tests.training.test_equals_fit import COMPILED, TABLE

__all__ = ["COMPILED", "TABLE", "brought", "feed", "net", "values"]
LINES = ("loss", "target", "negatives", "weights", "optimizer", "metrics")


def net(ending="sigmoid", seed=0):
    """Embeddings, a regularised layer, batch normalisation and dropout; a seed gives the weights.

    Without a seed of its own, dropout on torch would be drawn by torch, which counts the steps in its own way.
    """
    keras.utils.set_random_seed(seed)
    inputs = {name: keras.Input((), dtype="int32", name=name) for name in ("user_id", "item_id")}
    tables = [TABLE(data().column(name).size, 6, name=f"{name}_table")(each)
              for name, each in inputs.items()]
    x = keras.layers.Concatenate(name="both")(tables)
    x = keras.layers.Dense(8, "relu", kernel_regularizer=keras.regularizers.L2(0.01), name="hidden")(x)
    x = keras.layers.BatchNormalization(name="norm")(x)
    x = keras.layers.Dropout(0.2, seed=3, name="drop")(x)
    return keras.Model(inputs, keras.layers.Dense(1, ending, name="top")(x))


def brought(model, of=None, **lines) -> BroughtProgram:
    """The program of a Keras model over the tiny data, or another."""
    return bring(model, data() if of is None else of, {name: lines.get(name) for name in LINES}, vocabulary(METRICS))


def values(model):
    """Copies of the weights, whatever the backend."""
    return [np.array(keras.ops.convert_to_numpy(each)) for each in model.variables]


def feed(program, epochs, batch):
    """The engine's own batches as `fit` takes them, epoch after epoch, and their number in an epoch."""
    arrays, examples = parts(program, batch)
    columns = {side: program.data.column(f"{side}_id").values[arrays[f"log/{side}"]] for side in ("user", "item")}

    def given():
        for each in batches(examples, epochs):
            ends = each["ends"]
            inputs = {f"{side}_id": column[ends] for side, column in columns.items()}
            yield inputs, arrays["log/target"][ends][:, None]

    return given(), examples.steps_per_epoch
