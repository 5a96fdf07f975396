"""A Keras model that a user brings is trained as its own `fit` trains it, whatever the optimizer and the loss."""

import keras
import numpy as np
import pytest

from recmagic.errors import ModelError
from tests.compiler.tiny import compiled
from tests.training.brought import COMPILED, brought, feed, net, values
from tests.training.runs import run

EPOCHS, BATCH = 3, 32
optimizers = keras.optimizers


def multi(**of_tables):
    tables = optimizers.Adam(0.05, **of_tables)
    return optimizers.MultiOptimizer(optimizers.OptimizerMap(optimizers.SGD(0.1, momentum=0.9), {".*_table.*": tables}))


def chosen():
    """A function chooses for each variable, as a user may write it."""
    tables, layers = optimizers.Adam(0.02), optimizers.SGD(optimizers.schedules.ExponentialDecay(0.2, 4, 0.5))
    return optimizers.MultiOptimizer(lambda variable: tables if variable.name == "embeddings" else layers)


OPTIMIZERS = {
    "schedule and clipping": lambda: optimizers.Adam(optimizers.schedules.CosineDecay(0.05, 15), global_clipnorm=0.5),
    "momentum and clipping": lambda: optimizers.SGD(0.1, momentum=0.9, nesterov=True, clipnorm=0.05),
    "weight decay and averages": lambda: optimizers.AdamW(0.01, weight_decay=0.1, use_ema=True, ema_momentum=0.8),
    "averages that overwrite": lambda: optimizers.SGD(0.1, use_ema=True, ema_momentum=0.8, ema_overwrite_frequency=4),
    "accumulation": lambda: optimizers.Adam(0.05, gradient_accumulation_steps=3),
    "clipped values": lambda: optimizers.RMSprop(0.02, clipvalue=0.01, centered=True),
    "amsgrad": lambda: optimizers.Adam(0.02, amsgrad=True),
    "scaled loss": lambda: optimizers.LossScaleOptimizer(optimizers.Adam(0.02), initial_scale=64.0),
    "several": multi,
    "several by a function": chosen,
    "several with averages": lambda: multi(use_ema=True, ema_momentum=0.8),
}


def trained_by_both(ending, optimizer, loss, **lines):
    ours, theirs = net(ending), net(ending)
    for first, second in zip(values(ours), values(theirs)):
        np.testing.assert_array_equal(first, second)
    program = brought(ours, optimizer=optimizer, loss=loss, **lines)
    given, steps = feed(program, EPOCHS, BATCH)
    theirs.compile(optimizer, loss, jit_compile=COMPILED)
    fitted = theirs.fit(given, epochs=EPOCHS, steps_per_epoch=steps, shuffle=False, verbose=0)
    losses = run(program, EPOCHS, BATCH)
    np.testing.assert_allclose(losses, fitted.history["loss"], atol=1e-5)
    for mine, expected, variable in zip(values(ours), values(theirs), ours.variables):
        np.testing.assert_allclose(mine, expected, atol=1e-5, err_msg=variable.path)
    return ours, theirs, program


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_losses_and_weights_are_those_of_fit(name):
    loss = keras.losses.BinaryCrossentropy(label_smoothing=0.1)
    ours, theirs, _ = trained_by_both("sigmoid", OPTIMIZERS[name](), loss, target="at_least(rating, 4)")
    users, items = np.arange(5), np.arange(5)
    given = {"user_id": users, "item_id": items}
    np.testing.assert_allclose(ours.predict(given, verbose=0), theirs.predict(given, verbose=0), atol=1e-5)


class Squares(keras.losses.Loss):
    """A loss of a user's own, which keeps the axis of width 1."""

    def call(self, y_true, y_pred):
        return keras.ops.square(y_true - y_pred) / 2


def test_each_training_has_several_optimizers_of_its_own():
    program = brought(net(), optimizer=chosen(), loss="BPR()")
    run(program, 1, BATCH)
    first, second = program.make_optimizer(), program.make_optimizer()
    for each in (first, second):
        each.build(program.cut.trainable_variables)
        assert [int(one.iterations) for one in (each, *each.optimizers)] == [0, 0, 0]
    assert {type(one).__name__ for one in first.optimizers} == {"Adam", "SGD"}
    assert not {id(one) for one in first.optimizers} & {id(one) for one in second.optimizers}


@pytest.mark.parametrize("ending, loss, target", [
    (None, keras.losses.BinaryCrossentropy(from_logits=True), "at_least(rating, 4)"),
    ("sigmoid", keras.losses.BinaryFocalCrossentropy(gamma=1.0), "at_least(rating, 4)"),
    ("sigmoid", keras.losses.MeanSquaredError(), "at_least(rating, 4)"),
    (None, keras.losses.Huber(0.5), None),
    (None, keras.losses.LogCosh(), "rating"),
    (None, Squares(), "rating"),
])
def test_every_loss_sees_what_it_sees_in_fit(ending, loss, target):
    trained_by_both(ending, optimizers.Adam(0.02), loss, target=target)


def test_what_a_model_was_compiled_with_is_taken():
    model, twin = net(), net()
    model.compile(optimizers.SGD(0.25), "binary_crossentropy")
    program = brought(model, target="at_least(rating, 4)")
    assert float(program.make_optimizer().learning_rate) == 0.25
    losses = run(program, 1, BATCH)
    other = brought(twin, target="at_least(rating, 4)", optimizer="SGD(0.25)", loss="BinaryCrossentropy()")
    np.testing.assert_allclose(losses, run(other, 1, BATCH), rtol=1e-6)
    model.compile("sgd", "mse", loss_weights=[2.0])
    with pytest.raises(ModelError, match="compiled with loss_weights"):
        brought(model)
    model.compile("sgd", lambda targets, scores: keras.ops.square(targets - scores))
    assert brought(model).learning.kind == "regression"
    own = brought(model, target="at_least(rating, 4)", optimizer="Adam(0.5)").make_optimizer()
    assert isinstance(own, optimizers.Adam)


CELL = """
x = concat(embedding(user_id, 6), embedding(item_id, 6))
hidden = x >> Dense(8, relu, kernel_regularizer=L2(0.01)) >> BatchNormalization() >> Dropout(0.2, seed=3)
score = hidden >> Dense(1)
optimizer = SGD(0.1)
"""


@pytest.mark.parametrize("loss, negatives", [
    ("BPR()", "uniform(2)"),
    ("BinaryCrossentropy()", "popular(3)"),
    ("CategoricalCrossentropy()", "in_batch()"),
    ("CategoricalCrossentropy()", "catalogue()"),
])
def test_ranking_is_learned_as_in_the_cell_of_the_same_layers(loss, negatives):
    cell = compiled(f"{CELL}\nloss = {loss}\nnegatives = {negatives}")
    model = net(None)
    program = brought(model, loss=loss, negatives=negatives, optimizer=optimizers.SGD(0.1))
    ours = [layer for name in ("x", "hidden", "score") for layer in cell.build.layers[name]]
    names = ("user_id_table", "item_id_table", "hidden", "norm", "drop", "top")
    theirs = [model.get_layer(name) for name in names]
    for mine, other in zip(ours, theirs):
        for source, variable in zip(mine.variables, other.variables):
            variable.assign(np.array(keras.ops.convert_to_numpy(source)))
    np.testing.assert_allclose(run(program, 2, BATCH), run(cell, 2, BATCH), rtol=1e-4)
    for mine, other in zip(ours, theirs):
        for expected, weight in zip(values(mine), values(other)):
            np.testing.assert_allclose(weight, expected, atol=1e-4)


def test_keras_own_loss_ranks_against_negatives_as_the_cells_does():
    given = {"negatives": "uniform(3)", "optimizer": "Adam(0.05)"}
    first, second = net(), net()
    losses = run(brought(first, loss=keras.losses.BinaryCrossentropy(label_smoothing=0.2), **given), 2, BATCH)
    expected = run(brought(second, loss="BinaryCrossentropy(label_smoothing=0.2)", **given), 2, BATCH)
    np.testing.assert_allclose(losses, expected, rtol=1e-5)
