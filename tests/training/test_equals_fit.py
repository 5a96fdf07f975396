"""The engine does what Keras's own `fit` does on the same batches, the short last one included."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from tests.compiler.tiny import compiled
from tests.training.runs import batches, parts, run

CELL = """
x = concat(embedding(user_id, 6), embedding(item_id, 6))
hidden = x >> Dense(8, relu, kernel_regularizer=L2(0.01), kernel_constraint=MaxNorm(0.2)) >> BatchNormalization()
score = hidden >> Dropout(0.2, seed=3) >> Dense(1, sigmoid)
loss = BinaryCrossentropy()
target = at_least(rating, 4)
optimizer = """
FREE = CELL.replace(", kernel_constraint=MaxNorm(0.2)", "")
OPTIMIZERS = (
    "Adam(0.02)",
    "Adam(CosineDecay(0.05, 15), global_clipnorm=0.5)",
    "SGD(0.1, momentum=0.9, clipnorm=0.05)",
    "SGD(0.1, gradient_accumulation_steps=2)",
    "AdamW(0.01, weight_decay=0.1, use_ema=True, ema_momentum=0.8)",
    "Adam(0.02, use_ema=True, ema_momentum=0.5, ema_overwrite_frequency=4)",
    "Nadam(0.01)",
    "RMSprop(0.01, momentum=0.5, centered=True)",
    "Adagrad(0.05)",
    "Lion(0.003)",
)
EPOCHS, BATCH = 3, 32
COMPILED = keras.backend.backend() != "torch"  # as our own steps are: random bits depend on it


class TableWithOneGradientARow(keras.layers.Embedding):
    """On TensorFlow Keras squares each of a row's gradients, not their sum, which is the gradient of a product."""

    def call(self, inputs):
        return keras.ops.matmul(keras.ops.one_hot(inputs, self.input_dim), self.embeddings)


TABLE = TableWithOneGradientARow if keras.backend.backend() == "tensorflow" else keras.layers.Embedding


def two_optimizers():
    """Tables learn by one optimizer, with averages, and layers by another."""
    tables = keras.optimizers.Adam(0.02, use_ema=True, ema_momentum=0.8)
    layers = keras.optimizers.SGD(keras.optimizers.schedules.ExponentialDecay(0.2, 4, 0.5), momentum=0.9)
    return keras.optimizers.MultiOptimizer(lambda variable: tables if variable.name == "embeddings" else layers)


def scaled():
    """What 16 bits are trained by: a scale on the loss, which grows every few steps."""
    inner = keras.optimizers.Adam(0.02, use_ema=True, ema_momentum=0.8)
    return keras.optimizers.LossScaleOptimizer(inner, initial_scale=64, dynamic_growth_steps=5)


def by_hand(program, make_optimizer):
    """The same model in plain Keras, with the same weights and the same seed of dropout."""
    user, item = keras.Input((), dtype="int32"), keras.Input((), dtype="int32")
    tables = [TABLE(program.data.column(name).size, 6) for name in ("user_id", "item_id")]
    dense = program.build.layers["hidden"][0]
    hidden = [keras.layers.Dense(8, "relu", kernel_regularizer=keras.regularizers.L2(0.01),
                                 kernel_constraint=dense.kernel_constraint),
              keras.layers.BatchNormalization()]
    top = [keras.layers.Dropout(0.2, seed=3), keras.layers.Dense(1)]
    x = keras.layers.Concatenate()([tables[0](user), tables[1](item)])
    for layer in (*hidden, *top):
        x = layer(x)
    model = keras.Model([user, item], x)
    ours = [*program.build.layers["x"], *program.build.layers["hidden"], *program.build.layers["score"]]
    theirs = [*tables, *hidden, *top]
    for mine, other in zip(ours, theirs):
        for source, variable in zip(mine.variables, other.variables):
            variable.assign(np.array(source))  # a copy: fit gives its arrays away
    model.compile(make_optimizer(), keras.losses.BinaryCrossentropy(from_logits=True), jit_compile=COMPILED)
    return model, theirs, ours


def check_equals_fit(program):
    model, layers, ours = by_hand(program, program.make_optimizer)
    arrays, examples = parts(program, BATCH)
    data = program.data
    assert len(examples.examples) % BATCH  # there is a short last batch
    users, items = (data.column(f"{side}_id").values[arrays[f"log/{side}"]] for side in ("user", "item"))
    before = [each.copy() for layer in ours for each in layer.get_weights()]

    def feed():
        for batch in batches(examples, EPOCHS):
            ends = batch["ends"]
            yield (users[ends], items[ends]), arrays["log/target"][ends][:, None]

    fitted = model.fit(feed(), epochs=EPOCHS, steps_per_epoch=examples.steps_per_epoch, shuffle=False,
                       verbose=0)
    losses = run(program, EPOCHS, BATCH)
    np.testing.assert_allclose(losses, fitted.history["loss"], atol=1e-5)
    after = [each for layer in ours for each in layer.get_weights()]
    expected = [each for layer in layers for each in layer.get_weights()]
    for variable, other in zip(after, expected):
        np.testing.assert_allclose(variable, other, atol=1e-5)
    moved = [np.abs(now - then).max() for now, then in zip(after, before)]
    assert min(moved) > 1e-4  # every variable has learned something


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_losses_and_weights_are_those_of_fit(optimizer):
    check_equals_fit(compiled(FREE + optimizer))


def test_several_scores_are_learned_as_fit_learns_several_outputs():
    program = compiled("""
x = concat(embedding(user_id, 6), embedding(item_id, 6)) >> Dense(5, tanh)
like = x >> Dense(1)
stars = x >> Dense(1)
score = [like, stars]
loss = [BinaryCrossentropy(), MeanSquaredError()]
target = [at_least(rating, 4), rating]
optimizer = Adam(0.02)""")
    ours = [layer for line in ("x", "like", "stars") for layer in program.build.layers[line]]
    tables = [TABLE(program.data.column(name).size, 6) for name in ("user_id", "item_id")]
    theirs = [*tables, keras.layers.Dense(5, "tanh"), keras.layers.Dense(1), keras.layers.Dense(1)]
    user, item = keras.Input((), dtype="int32"), keras.Input((), dtype="int32")
    x = theirs[2](keras.layers.Concatenate()([tables[0](user), tables[1](item)]))
    model = keras.Model([user, item], [theirs[3](x), theirs[4](x)])
    for mine, other in zip(ours, theirs):
        other.set_weights(mine.get_weights())
    model.compile(program.make_optimizer(), [keras.losses.BinaryCrossentropy(from_logits=True), "mse"],
                  jit_compile=COMPILED)
    arrays, examples = parts(program, BATCH)
    users, items = (program.data.column(f"{side}_id").values[arrays[f"log/{side}"]] for side in ("user", "item"))
    ratings = program.data.interactions.rating[program.data.interactions.part == 0]

    def feed():
        for batch in batches(examples, EPOCHS):
            ends = batch["ends"]
            known = ratings[ends]
            yield (users[ends], items[ends]), ((known >= 4)[:, None].astype("float32"), known[:, None])

    fitted = model.fit(feed(), epochs=EPOCHS, steps_per_epoch=examples.steps_per_epoch, shuffle=False, verbose=0)
    np.testing.assert_allclose(run(program, EPOCHS, BATCH), fitted.history["loss"], rtol=2e-5)
    for mine, other in zip(ours, theirs):
        for variable, expected in zip(mine.get_weights(), other.get_weights()):
            np.testing.assert_allclose(variable, expected, atol=1e-5)


def test_constraints_hold_as_in_fit():
    program = compiled(CELL + "Adam(0.05)")
    kernel = program.build.layers["hidden"][0].kernel
    assert np.linalg.norm(kernel.numpy(), axis=0).max() > 0.5
    check_equals_fit(program)
    assert np.linalg.norm(kernel.numpy(), axis=0).max() <= 0.2 * (1 + 1e-4)


@pytest.mark.parametrize("make_optimizer", [two_optimizers, scaled])
def test_an_optimizer_around_optimizers_works_as_in_fit(make_optimizer):
    program = compiled(FREE + "SGD(0.1)")
    program.learning = replace(program.learning, optimizer=make_optimizer)
    check_equals_fit(program)


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
    mean, of_user, of_item, p, q = (np.asarray(layer.embeddings, np.float64).copy() for layer in layers)
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
        np.testing.assert_allclose(np.asarray(layer.embeddings), table, atol=1e-5)
