"""Tables of which a step changes no more than it looks up: lazy Adam by hand, and Adam where all is touched."""

import keras
import numpy as np
import pytest

from recmagic import backends

BACKEND = backends.current()
pytestmark = pytest.mark.skipif(BACKEND.name != "jax", reason="other backends change whole tables")
ROWS, WIDTH, STEPS = 12, 3, 6


class TwoLookUps(keras.layers.Layer):
    """Looks one table up twice, once through codes of two axes, and adds a dense weight."""

    def __init__(self, dense):
        super().__init__()
        self.table = keras.layers.Embedding(ROWS, WIDTH)
        self.table.build(())
        self.scale = self.add_weight(shape=(WIDTH,), initializer="ones", trainable=dense, name="scale")
        self.built = True

    def loss(self, data, batch):
        left, right = self.table(batch["left"]), keras.ops.sum(self.table(batch["right"]), axis=1)
        return keras.ops.mean(keras.ops.softplus(keras.ops.sum(left * right * self.scale, axis=-1)))


def batches(rows=ROWS):
    random = np.random.default_rng(0)
    return {"left": random.integers(0, rows, (STEPS, 5)).astype(np.int32),
            "right": random.integers(0, rows, (STEPS, 5, 2)).astype(np.int32)}


def trained(lazy, given, dense=True, rate=0.05):
    keras.utils.set_random_seed(1)
    layer = TwoLookUps(dense)
    made = BACKEND.runner(layer.loss, layer, lambda: keras.optimizers.Adam(rate), [layer.table] if lazy else [])
    made.begin({"unused": np.zeros(1, np.float32)})
    losses = [float(made.run(made.place(given), number, number + 1)[number]) for number in range(STEPS)]
    assert made.publish()
    return np.array(layer.table.embeddings.value), np.array(layer.scale.value), losses, made


def by_hand(given, rate=0.05):
    """Lazy Adam (Kingma & Ba 2015, on the rows of a batch only), with the gradient written out."""
    keras.utils.set_random_seed(1)
    table = np.array(TwoLookUps(False).table.embeddings.value, np.float64)
    moment, velocity = np.zeros_like(table), np.zeros_like(table)
    for step, (left, right) in enumerate(zip(given["left"], given["right"]), 1):
        a, b = table[left], table[right].sum(1)
        slope = 1 / (1 + np.exp(-(a * b).sum(1))) / len(left)
        gradient = np.zeros_like(table)
        np.add.at(gradient, left, slope[:, None] * b)
        for column in range(2):
            np.add.at(gradient, right[:, column], slope[:, None] * a)
        touched = np.unique(np.concatenate([left, right.ravel()]))
        moment[touched] = 0.9 * moment[touched] + 0.1 * gradient[touched]
        velocity[touched] = 0.999 * velocity[touched] + 0.001 * gradient[touched] ** 2
        size = rate * np.sqrt(1 - 0.999**step) / (1 - 0.9**step)
        table[touched] -= size * moment[touched] / (np.sqrt(velocity[touched]) + 1e-7)
    return table


def test_only_the_rows_looked_up_change_as_by_hand():
    table, _, _, made = trained(True, batches(), dense=False)
    np.testing.assert_allclose(table, by_hand(batches()), atol=1e-5)
    assert made.row_wise == (made.tables[0].name,)


def test_where_every_row_is_touched_it_is_adam():
    everything = {"left": np.tile(np.arange(ROWS, dtype=np.int32), (STEPS, 1)),
                  "right": np.random.default_rng(0).integers(0, ROWS, (STEPS, ROWS, 2)).astype(np.int32)}
    lazy, dense = trained(True, everything), trained(False, everything)
    for one, other in zip(lazy[:3], dense[:3]):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_rows_that_are_never_looked_up_stay_bitwise():
    keras.utils.set_random_seed(1)
    before = np.array(TwoLookUps(True).table.embeddings.value)
    table, *_ = trained(True, batches(rows=7))
    np.testing.assert_array_equal(table[7:], before[7:])
    assert (table[:7] != before[:7]).any()


def test_a_training_goes_on_from_its_state_and_takes_in_what_is_assigned():
    layer = TwoLookUps(True)
    made = BACKEND.runner(layer.loss, layer, lambda: keras.optimizers.Adam(0.05), [layer.table])
    made.begin({"unused": np.zeros(1, np.float32)})
    given = made.place(batches())
    made.run(given, 0, 3)
    state = made.state()
    made.run(given, 3, STEPS)
    made.publish()
    whole = np.array(layer.table.embeddings.value)
    made.restore(state)
    made.run(given, 3, STEPS)
    made.publish()
    np.testing.assert_array_equal(np.array(layer.table.embeddings.value), whole)
    layer.table.embeddings.assign(np.full((ROWS, WIDTH), 9.0))
    made.run(given, 0, 0)
    made.publish()
    assert (np.array(layer.table.embeddings.value) == 9).all()


def test_another_optimizer_changes_whole_tables():
    layer = TwoLookUps(True)
    made = BACKEND.runner(layer.loss, layer, lambda: keras.optimizers.Adam(0.05, clipnorm=1.0), [layer.table])
    assert made.row_wise == ()
