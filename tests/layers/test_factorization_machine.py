"""The factorisation machine against the double sum over pairs that its paper writes."""

from itertools import combinations

import numpy as np
import pytest

from recmagic.layers.factorization_machine import FactorizationMachine
from tests.layers.checked import array, check_saving, numbers


def by_hand(fields: list[np.ndarray]) -> np.ndarray:
    return sum((a * b).sum(-1, keepdims=True) for a, b in combinations(fields, 2))


def test_it_sums_the_dot_products_of_all_pairs():
    fields = [numbers(6, 4, seed=each) for each in range(5)]
    np.testing.assert_allclose(array(FactorizationMachine()(fields)), by_hand(fields), rtol=1e-4, atol=1e-5)
    together = np.stack(fields, axis=1)
    np.testing.assert_allclose(array(FactorizationMachine()(together)), by_hand(fields), rtol=1e-4, atol=1e-5)


def test_each_step_of_sequences_is_a_machine_of_its_own():
    fields = [numbers(3, 5, 4, seed=each) for each in range(3)]
    found = array(FactorizationMachine()(fields))
    assert found.shape == (3, 5, 1)
    np.testing.assert_allclose(found, by_hand(fields), rtol=1e-4, atol=1e-5)


def test_masked_steps_are_no_fields():
    fields, mask = numbers(2, 4, 3), np.array([[1, 1, 0, 1], [0, 0, 1, 1]], bool)
    found = array(FactorizationMachine()(fields, mask=mask))
    for row in range(2):
        np.testing.assert_allclose(found[row], by_hand(list(fields[row][mask[row]])), rtol=1e-4, atol=1e-5)


def test_it_survives_saving(tmp_path):
    check_saving(FactorizationMachine(), tmp_path, numbers(3, 4), numbers(3, 4, seed=1), as_list=True)
    check_saving(FactorizationMachine(), tmp_path, numbers(3, 2, 4))


def test_what_has_no_pairs_is_refused_in_words():
    with pytest.raises(ValueError, match="two fields or more"):
        FactorizationMachine()([numbers(2, 4)])
    with pytest.raises(ValueError, match="4 and 8 wide"):
        FactorizationMachine()([numbers(2, 4), numbers(2, 8)])
    with pytest.raises(ValueError, match="list of fields"):
        FactorizationMachine()(numbers(2, 4))
