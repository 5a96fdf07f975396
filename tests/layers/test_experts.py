"""A mixture of experts against one network after the other in numpy."""

import numpy as np
import pytest

from recmagic.layers.expert_gate import ExpertGate
from recmagic.layers.experts import Experts
from tests.layers.checked import array, check_saving, dense, numbers, shaken


def test_experts_are_networks_side_by_side():
    layer, x = Experts(count=3, units=4), numbers(5, 6)
    weights = shaken(layer, x)
    found = array(layer(x))
    assert found.shape == (5, 3, 4)
    for expert in range(3):
        own = slice(4 * expert, 4 * expert + 4)
        alone = x @ weights["together/kernel"][:, own] + weights["together/bias"][own]
        np.testing.assert_allclose(found[:, expert], np.maximum(alone, 0), rtol=1e-4, atol=1e-5)


def test_a_gate_is_a_softmax_over_the_experts():
    gate, experts, x = ExpertGate(), numbers(5, 3, 4), numbers(5, 6, seed=1)
    shares = np.exp(dense(x, shaken(gate, experts, x), "share"))
    shares /= shares.sum(axis=1, keepdims=True)
    expected = sum(shares[:, [expert]] * experts[:, expert] for expert in range(3))
    np.testing.assert_allclose(array(gate(experts, x)), expected, rtol=1e-4, atol=1e-5)


def test_they_survive_saving(tmp_path):
    check_saving(Experts(count=3, units=4, activation="tanh"), tmp_path, numbers(5, 6))
    check_saving(ExpertGate(), tmp_path, numbers(5, 3, 4), numbers(5, 6))


def test_what_does_not_fit_is_refused_in_words():
    with pytest.raises(ValueError, match="experts and a vector"):
        ExpertGate()(numbers(5, 4), numbers(5, 6))
    with pytest.raises(ValueError, match="Experts needs a vector"):
        Experts()(numbers(5, 3, 4))
    with pytest.raises(ValueError, match="whole numbers from 1 up"):
        Experts(count=0)
