"""A backend's verbs against plain references: selection, the loop of steps, the state of a training."""

import keras
import numpy as np
import pytest

from recmagic import backends
from recmagic.errors import ModelError
from recmagic.evaluation.selection import select

BACKEND = backends.current()
EIGHT = {"rows": np.arange(8, dtype=np.int32)[:, None]}


@pytest.mark.parametrize("ties", [False, True])
def test_selection_is_numpys(ties):
    random = np.random.default_rng(0)
    scores = random.integers(0, 4, (6, 30)).astype(np.float32) if ties else random.random((6, 30), np.float32)
    scores[0, :5] = -0.0
    hidden = random.random((6, 30)) < 0.2
    relevant = np.where(random.random((6, 4)) < 0.3, -1, random.integers(0, 30, (6, 4))).astype(np.int32)
    ours, plain = BACKEND.select(scores, hidden, relevant, 5), select(scores, hidden, relevant, 5)
    for given, expected in zip(ours[1:], plain[1:]):
        np.testing.assert_array_equal(given, expected)
    if BACKEND.name == "torch":  # which of the items that tie comes first is torch's choice
        np.testing.assert_array_equal(np.take_along_axis(scores, ours.items.astype(int), 1), plain.scores)
    else:
        np.testing.assert_array_equal(ours.items, plain.items)


def trained(make_optimizer=lambda: keras.optimizers.SGD(0.1)):
    """Trains one number w towards the mean of `goal`: the loss is (w - goal)^2 / 2, so w moves by 0.1 (goal - w)."""
    layer = keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros")
    layer.build((None, 1))

    def objective(data, batch):
        return keras.ops.mean((layer.kernel[0, 0] - keras.ops.take(data["goal"], batch["rows"])) ** 2) / 2

    made = BACKEND.runner(objective, layer, make_optimizer)
    made.begin({"goal": np.arange(8, dtype=np.float32)})
    return made, layer


def by_hand(goals, rate=0.1):
    w, losses, all_w = 0.0, [], []
    for goal in goals:
        losses.append((w - goal) ** 2 / 2)
        w += rate * (goal - w)
        all_w.append(w)
    return all_w, losses


def weight(layer):
    return layer.get_weights()[0].item()


def test_steps_run_one_after_the_other_in_chunks_of_any_size():
    made, layer = trained()
    batches = made.place(EIGHT)
    found = []
    for start, stop in ((0, 3), (3, 4), (4, 8)):
        found += keras.ops.convert_to_numpy(made.run(batches, start, stop))[start:stop].tolist()
    expected, losses = by_hand(range(8))
    np.testing.assert_allclose(found, losses, rtol=1e-5)
    assert made.publish() and weight(layer) == pytest.approx(expected[-1], rel=1e-5)


def test_one_program_serves_chunks_of_every_length_and_the_next_training():
    made, layer = trained()
    made.run(made.place(EIGHT), 0, 1)
    seconds = made.compile_seconds
    assert seconds > 0
    made.run(made.place(EIGHT), 1, 8)
    made.end()
    layer.kernel.assign([[0.0]])
    made.begin({"goal": np.arange(8, dtype=np.float32)})
    made.run(made.place(EIGHT), 0, 8)
    assert made.compile_seconds == seconds
    made.publish()
    assert weight(layer) == pytest.approx(by_hand(range(8))[0][-1], rel=1e-5)
    made.run(made.place({"rows": np.arange(3, dtype=np.int32)[None]}), 0, 1)
    assert made.compile_seconds > seconds


def test_a_row_looked_up_twice_has_one_gradient_and_a_weight_left_out_has_none():
    """Adam's first step is the rate times the sign of a gradient, whatever its size; weights decay by 5 % before it."""
    layer = keras.layers.Layer()
    table, left_out = (layer.add_weight(shape=shape, initializer="ones") for shape in ((3, 1), (2,)))
    layer.built = True

    def objective(data, batch):
        return keras.ops.sum(keras.ops.take(table, batch["rows"], axis=0)[:, 0] * data["slope"])

    made = BACKEND.runner(objective, layer, lambda: keras.optimizers.AdamW(0.1, weight_decay=0.5))
    made.begin({"slope": np.float32([3, -1, 2])})
    made.run(made.place({"rows": np.int32([[0, 0, 1]])}), 0, 1)
    made.publish()
    np.testing.assert_allclose(np.asarray(table)[:, 0], [0.85, 0.85, 0.95], rtol=1e-5)
    np.testing.assert_allclose(np.asarray(left_out), [0.95, 0.95], rtol=1e-5)


def test_the_next_training_begins_with_a_fresh_optimizer():
    made, layer = trained(lambda: keras.optimizers.Adam(0.1))
    found = []
    for _ in range(2):
        layer.kernel.assign([[0.0]])
        made.begin({"goal": np.arange(8, dtype=np.float32)})
        made.run(made.place(EIGHT), 0, 8)
        made.publish()
        found.append(weight(layer))
    assert found[0] == found[1] != 0


def test_a_training_goes_on_from_its_state():
    def make():
        return keras.optimizers.Adam(keras.optimizers.schedules.ExponentialDecay(0.1, 2, 0.5))

    made, layer = trained(make)
    batches = made.place(EIGHT)
    made.run(batches, 0, 4)
    state = made.state()
    made.run(batches, 4, 8)
    made.publish()
    whole = weight(layer)
    made.restore(state)
    made.run(batches, 4, 8)
    made.publish()
    assert weight(layer) == whole
    other, layer = trained(make)
    other.restore(state)
    other.run(other.place(EIGHT), 4, 8)
    other.publish()
    assert weight(layer) == whole


def test_what_others_assign_becomes_part_of_the_state():
    made, layer = trained()
    batches = made.place(EIGHT)
    made.run(batches, 0, 4)
    made.publish()
    layer.kernel.assign([[100.0]])
    made.optimizer.learning_rate = 0.5
    made.run(batches, 4, 5)
    made.publish()
    assert weight(layer) == pytest.approx(100 + 0.5 * (4 - 100), rel=1e-5)


def test_averages_are_published_and_training_goes_on_from_the_weights():
    made, layer = trained(lambda: keras.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.5))
    batches = made.place(EIGHT)
    made.run(batches, 0, 4)
    made.publish()
    expected, _ = by_hand(range(8))
    average = 0.0
    for place, value in enumerate(expected[:4]):
        average = value if place == 0 else 0.5 * average + 0.5 * value
    assert weight(layer) == pytest.approx(average, rel=1e-5)
    made.publish()
    assert weight(layer) == pytest.approx(average, rel=1e-5)
    made.run(batches, 4, 8)
    assert made.state()[0].item() == pytest.approx(expected[-1], rel=1e-5)


@pytest.mark.skipif(BACKEND.name != "jax", reason="elsewhere the state is never given away")
def test_a_state_lost_in_an_interrupt_is_not_published():
    made, layer = trained()
    batches = made.place(EIGHT)
    made.run(batches, 0, 4)
    made.publish()
    before = weight(layer)

    def interrupted(*given):
        raise KeyboardInterrupt

    made._compiled = dict.fromkeys(made._compiled, interrupted)
    with pytest.raises(KeyboardInterrupt):
        made.run(batches, 4, 8)
    assert not made.publish() and not made.state()
    assert weight(layer) == before


def test_the_last_state_is_let_go():
    made, _ = trained()
    made.run(made.place(EIGHT), 0, 1)
    made.end()
    assert not made.publish() and not made.state()


def test_a_compiled_function_reads_the_weights_as_they_are():
    layer = keras.layers.Dense(1, use_bias=False, kernel_initializer="ones")
    layer.build((None, 2))
    twice = BACKEND.compiled(lambda x: 2 * layer(x), layer.variables)
    given = np.float32([[1, 2]])
    assert float(twice(given)[0, 0]) == 6
    layer.kernel.assign([[10.0], [0.0]])
    assert float(twice(given)[0, 0]) == 20


def test_the_device_is_told():
    device = BACKEND.device()
    assert BACKEND.name == keras.backend.backend() and device.text.split()[0] in ("CPU,", "GPU", "CUDA", "Metal,")
    assert device.memory is None or device.memory > 2**28


def test_a_backend_without_an_engine_is_refused(monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: "numpy")
    with pytest.raises(ModelError, match="Keras runs on numpy here, and training needs one of: jax"):
        backends.current()


def test_the_weights_themselves_can_be_published_beside_their_averages():
    made, layer = trained(lambda: keras.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.5))
    batches = made.place(EIGHT)
    made.run(batches, 0, 4)
    made.publish()
    made.publish(averaged=False)
    assert weight(layer) == pytest.approx(by_hand(range(4))[0][-1], rel=1e-5)
    layer.kernel.assign([[100.0]])
    made.publish(averaged=False)  # takes in what was assigned
    assert weight(layer) == 100.0 and made.state()[0].item() == 100.0
    made.run(batches, 4, 5)
    made.publish(averaged=False)
    assert weight(layer) == pytest.approx(100 + 0.1 * (4 - 100), rel=1e-5)
