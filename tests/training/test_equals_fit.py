"""The engine does what Keras's own `fit` does on the same batches, the short last one included."""

import keras
import numpy as np
import pytest

from tests.compiler.tiny import compiled
from tests.training.runs import batches, parts, run

CELL = """
x = concat(embedding(user_id, 6), embedding(item_id, 6))
hidden = x >> Dense(8, relu, kernel_regularizer=L2(0.01)) >> BatchNormalization() >> Dropout(0.2)
score = hidden >> Dense(1, sigmoid)
loss = BinaryCrossentropy()
target = at_least(rating, 4)
optimizer = """
OPTIMIZERS = (
    "Adam(CosineDecay(0.05, 15), global_clipnorm=0.5)",
    "SGD(0.1, momentum=0.9, clipnorm=0.05)",
    "AdamW(0.01, weight_decay=0.1, use_ema=True, ema_momentum=0.8)",
)
EPOCHS, BATCH = 3, 32
COMPILED = keras.backend.backend() != "torch"  # as our own steps are: random bits depend on it


def by_hand(program, optimizer):
    """The same model in plain Keras, with the same weights and the same seeds of dropout."""
    user, item = keras.Input((), dtype="int32"), keras.Input((), dtype="int32")
    tables = [keras.layers.Embedding(program.data.column(name).size, 6) for name in ("user_id", "item_id")]
    hidden = [keras.layers.Dense(8, "relu", kernel_regularizer=keras.regularizers.L2(0.01)),
              keras.layers.BatchNormalization(), keras.layers.Dropout(0.2)]
    top = keras.layers.Dense(1)
    x = keras.layers.Concatenate()([tables[0](user), tables[1](item)])
    for layer in hidden:
        x = layer(x)
    model = keras.Model([user, item], top(x))
    ours = [*program.build.layers["x"], *program.build.layers["hidden"], *program.build.layers["score"]]
    for mine, other in zip(ours, [*tables, *hidden, top]):
        for source, variable in zip(mine.variables, other.variables):
            variable.assign(np.array(source.value))  # a copy: fit gives its arrays away
    names = vars(keras.optimizers) | vars(keras.optimizers.schedules)
    model.compile(eval(optimizer, dict(names)), keras.losses.BinaryCrossentropy(from_logits=True), jit_compile=COMPILED)
    return model, [*tables, *hidden, top], ours


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_losses_and_weights_are_those_of_fit(optimizer):
    program = compiled(CELL + optimizer)
    model, layers, ours = by_hand(program, optimizer)
    arrays, examples = parts(program, BATCH)
    data = program.data
    assert len(examples.examples) % BATCH  # there is a short last batch
    users, items = (data.column(f"{side}_id").values[arrays[f"log/{side}"]] for side in ("user", "item"))

    def feed():
        for batch in batches(examples, EPOCHS):
            ends = batch["ends"]
            yield (users[ends], items[ends]), arrays["log/target"][ends][:, None]

    fitted = model.fit(feed(), epochs=EPOCHS, steps_per_epoch=examples.steps_per_epoch, shuffle=False,
                       verbose=0)
    losses = run(program, EPOCHS, BATCH)
    np.testing.assert_allclose(losses, fitted.history["loss"], atol=1e-5)
    for layer, mine in zip(layers, ours):
        for expected, variable in zip(layer.get_weights(), mine.get_weights()):
            np.testing.assert_allclose(variable, expected, atol=1e-5)


def test_all_at_once_is_plain_gradient_descent():
    program = compiled("""
score = bias() + bias(user_id) + bias(item_id) + embedding(user_id, 3) @ embedding(item_id, 3)
loss = MeanSquaredError()
optimizer = SGD(0.5)""")
    arrays, examples = parts(program, "all")
    data, rate = program.data, 0.5
    users, items = (data.column(f"{side}_id").values[arrays[f"log/{side}"]] for side in ("user", "item"))
    ratings = arrays["log/target"].astype(np.float64)
    layers = program.build.layers["score"]
    mean, of_user, of_item, p, q = (np.asarray(layer.embeddings.value, np.float64).copy() for layer in layers)
    assert mean.item() == pytest.approx(ratings.mean())
    expected = []
    for _ in range(3):
        predicted = mean[0, 0] + of_user[users, 0] + of_item[items, 0] + (p[users] * q[items]).sum(1)
        expected.append(np.mean((predicted - ratings) ** 2))
        slope = 2 * (predicted - ratings) / len(ratings)
        steps = [np.zeros_like(each) for each in (mean, of_user, of_item, p, q)]
        steps[0][0, 0] = slope.sum()
        np.add.at(steps[1], users, slope[:, None])
        np.add.at(steps[2], items, slope[:, None])
        np.add.at(steps[3], users, slope[:, None] * q[items])
        np.add.at(steps[4], items, slope[:, None] * p[users])
        mean, of_user, of_item, p, q = (
            each - rate * step for each, step in zip((mean, of_user, of_item, p, q), steps))
    assert examples.steps_per_epoch == 1
    np.testing.assert_allclose(run(program, 3, "all"), expected, rtol=1e-5)
    for layer, table in zip(layers, (mean, of_user, of_item, p, q)):
        np.testing.assert_allclose(layer.embeddings.value, table, atol=1e-5)
