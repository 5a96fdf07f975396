"""A sample of the attack in tests/benchmarks/membership.py, with fixed seeds: it works, and privacy stops it."""

import pytest

from tests.benchmarks.membership import attacked, lower_bound
from tests.zoo.cells import cut


def test_the_bound_is_clopper_and_pearsons():
    assert lower_bound(50, 100, 100) == 0.0
    assert lower_bound(100, 100, 0) == pytest.approx(3.0549, abs=1e-4)  # p / (1 - p) with p ** 100 = 0.01


def test_an_overfit_model_tells_who_is_in_it_and_a_private_one_does_not():
    data = cut(240)
    plain = attacked(data, "user", None, 240, epochs=40, seed=0)
    private = attacked(data, "user", 1.0, 240, epochs=5, seed=0)
    assert plain.bound > 1.5
    assert private.bound <= private.promised == 1.0
