"""JAX's verbs against plain references: selection, the loop of steps, and a state that is given away."""

import keras
import numpy as np
import pytest

from recmagic import backends
from recmagic.errors import ModelError
from recmagic.evaluation.selection import select

BACKEND = backends.current()


@pytest.mark.parametrize("ties", [False, True])
def test_selection_is_numpys(ties):
    random = np.random.default_rng(0)
    scores = random.normal(size=(6, 30)).astype(np.float32)
    scores = np.round(scores) if ties else scores
    hidden = random.random((6, 30)) < 0.3
    relevant = np.where(random.random((6, 4)) < 0.3, -1, random.integers(0, 30, (6, 4))).astype(np.int32)
    ours, plain = BACKEND.select(scores, hidden, relevant, 5), select(scores, hidden, relevant, 5)
    for given, expected in zip(ours, plain):
        np.testing.assert_array_equal(given, expected)


def runner(rate=0.1):
    """Trains one number w towards the mean of `goal`: the loss is (w - goal)^2 / 2, so w moves by rate (goal - w)."""
    layer = keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros")
    layer.build((None, 1))

    def objective(data, batch):
        return keras.ops.mean((layer.kernel[0, 0] - data["goal"][batch["rows"]]) ** 2) / 2

    data = BACKEND.place({"goal": np.arange(8, dtype=np.float32)})
    return BACKEND.start(objective, layer, keras.optimizers.SGD(rate), data), layer


def by_hand(goals, rate=0.1):
    w, losses = 0.0, []
    for goal in goals:
        losses.append((w - goal) ** 2 / 2)
        w += rate * (goal - w)
    return w, losses


def test_steps_run_one_after_the_other_in_chunks_of_any_size():
    made, layer = runner()
    batches = made.place({"rows": np.arange(8, dtype=np.int32)[:, None]})
    found = []
    for start, stop in ((0, 3), (3, 4), (4, 8)):
        found += np.asarray(made.run(batches, start, stop))[start:stop].tolist()
    expected, losses = by_hand(range(8))
    np.testing.assert_allclose(found, losses, rtol=1e-5)
    assert float(layer.kernel[0, 0]) == 0  # nothing is published yet
    assert made.publish() and float(layer.kernel[0, 0]) == pytest.approx(expected, rel=1e-5)


def test_one_program_serves_chunks_of_every_length():
    made, _ = runner()
    batches = made.place({"rows": np.arange(8, dtype=np.int32)[:, None]})
    made.run(batches, 0, 1)
    seconds = made.compile_seconds
    assert seconds > 0
    made.run(batches, 1, 8)
    assert made.compile_seconds == seconds
    made.run(made.place({"rows": np.arange(3, dtype=np.int32)[None]}), 0, 1)
    assert made.compile_seconds > seconds


def test_what_is_published_survives_the_next_steps():
    made, layer = runner()
    batches = made.place({"rows": np.arange(8, dtype=np.int32)[:, None]})
    made.run(batches, 0, 4)
    made.publish()
    before = np.array(layer.kernel.value)
    made.run(batches, 4, 8)
    np.testing.assert_array_equal(np.asarray(layer.kernel.value), before)


def test_a_state_lost_in_an_interrupt_is_not_published():
    made, layer = runner()
    batches = made.place({"rows": np.arange(8, dtype=np.int32)[:, None]})
    made.run(batches, 0, 4)
    made.publish()
    before = np.array(layer.kernel.value)

    def interrupted(*given):
        raise KeyboardInterrupt

    made._compiled = dict.fromkeys(made._compiled, interrupted)
    with pytest.raises(KeyboardInterrupt):
        made.run(batches, 4, 8)
    assert not made.publish()
    np.testing.assert_array_equal(np.asarray(layer.kernel.value), before)


def test_the_initial_weights_are_not_given_away():
    made, layer = runner()
    made.run(made.place({"rows": np.zeros((1, 1), np.int32)}), 0, 1)
    assert float(layer.kernel[0, 0]) == 0


def test_a_compiled_function_reads_the_weights_as_they_are():
    layer = keras.layers.Dense(1, use_bias=False, kernel_initializer="ones")
    layer.build((None, 2))
    twice = BACKEND.compiled(lambda x: 2 * layer(x), layer)
    given = np.float32([[1, 2]])
    assert float(twice(given)[0, 0]) == 6
    layer.kernel.assign([[10.0], [0.0]])
    assert float(twice(given)[0, 0]) == 20


def test_the_device_is_told():
    assert BACKEND.name == "jax" and "JAX" in BACKEND.device() and not BACKEND.device().startswith("JAX")


def test_a_backend_without_an_engine_is_refused(monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: "numpy")
    with pytest.raises(ModelError, match="Keras runs on numpy here, and training needs one of: jax"):
        backends.current()
