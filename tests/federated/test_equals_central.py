"""One client that makes one step a round is central training: the same weights, within 1e-5, on every backend."""

import numpy as np
import pytest

pytest.importorskip("flwr")

from recmagic import Model
from recmagic.federated import Federated
from tests.compiler.tiny import data

# Nothing in these is drawn but the order, and each step takes every example: central training has the same batches.
CELLS = {
    "softmax": "score = embedding(user_id, 4) @ embedding(item_id, 4) + bias(item_id)\n"
               "loss = CategoricalCrossentropy()\nnegatives = catalogue()\noptimizer = SGD(3.0)",
    "numbers": "score = embedding(user_id, 4, l2=0.01) @ embedding(item_id, 4) + bias(user_id)\n"
               "target = rating\nloss = MeanSquaredError()\noptimizer = SGD(0.2)",
    "head": "score = concat(embedding(user_id, 4), embedding(item_id, 4)) >> Dense(8, 'relu') >> Dense(1)\n"
            "target = at_least(rating, 4)\nloss = BinaryCrossentropy()\noptimizer = SGD(0.5)",
    "sequence": "item = embedding(item_id, 4)\nscore = (history(item, 5) >> GRU(4)) @ item\n"
                "loss = CategoricalCrossentropy()\nnegatives = catalogue()\noptimizer = SGD(1.0)",
}


def weights(cell, **options):
    model = Model.read(cell, data())
    before = [np.array(each.numpy()) for each in model.program.cut.variables]
    history = model.train(batch="all", patience=None, **options)
    after = [np.array(each.numpy()) for each in model.program.cut.variables]
    return before, after, history


@pytest.mark.parametrize("name", ["softmax", "numbers", pytest.param("head", marks=pytest.mark.slow),
                                  pytest.param("sequence", marks=pytest.mark.slow)])
def test_one_client_and_one_step(name):
    start, central, _ = weights(CELLS[name], epochs=4)
    before, together, history = weights(CELLS[name], federated=Federated(clients=1, rounds=4, steps=1))
    assert len(history.epochs) == 4 and history.clients == 1
    assert max(np.abs(one - other).max() for one, other in zip(start, central)) > 1e-2
    for one, same, here, there in zip(start, before, central, together):
        np.testing.assert_array_equal(one, same)
        np.testing.assert_allclose(here, there, atol=1e-5)


def test_adam_starts_anew_each_round_so_that_one_round_is_the_same():
    cell = CELLS["softmax"].replace("SGD(3.0)", "Adam(0.05)")
    _, central, _ = weights(cell, epochs=1)
    _, together, _ = weights(cell, federated=Federated(clients=1, rounds=1, steps=1))
    for here, there in zip(central, together):
        np.testing.assert_allclose(here, there, atol=1e-5)


def test_many_clients_of_the_same_size_step_as_one_does():
    """The mean over clients of a step each is the step on all of their examples, where each counts what it has."""
    cell = CELLS["numbers"].replace(", l2=0.01", "").replace(" + bias(user_id)", "")
    _, central, _ = weights(cell, epochs=1)
    before, together, history = weights(cell, federated=Federated(rounds=1, steps=1))
    assert history.clients == 24
    users, items = together
    np.testing.assert_allclose(central[1], items, atol=1e-5)
    # A user's own row learns from the mean over their own examples, not from one over everybody's.
    np.testing.assert_allclose((central[0] - before[0]) * 24, users - before[0], atol=1e-5)


def test_fedprox_draws_shared_weights_back_to_where_a_client_began():
    """Two steps w0 -> w1 -> w2 of plain descent; the term takes rate * mu * (w1 - w0) off the second, of items only."""
    def after(steps, **options):
        cell = CELLS["numbers"].replace("SGD(0.2)", "SGD(4.0)")
        return weights(cell, federated=Federated(clients=1, rounds=1, steps=steps, **options))

    start, first, _ = after(1)
    _, second, _ = after(2)
    _, near, _ = after(2, strategy="fedprox", mu=0.5)
    away = [rate * 0.5 * (one - zero) for rate, one, zero in zip((0, 0, 4.0), first, start)]
    assert [each.shape[0] for each in start] == [25, 25, 17] and np.abs(away[2]).max() > 1e-3
    for held, free, back in zip(near, second, away):
        np.testing.assert_allclose(held, free - back, atol=1e-6)
