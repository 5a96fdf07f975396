"""What noise costs, against published and exact values; and a budget that is kept."""

import math
import sys

import pytest
from scipy.optimize import brentq
from scipy.stats import norm

from recmagic.errors import TrainingError
from recmagic.privacy import Privacy
from recmagic.privacy.accounting import INTERVAL, epsilon_of, noise_for

N, BATCH, DELTA = 60_000, 256, 1e-5
# Noise, epochs, and epsilon by dp-accounting's own count (opacus's RDP gives .954564, 2.596656, 6.319748).
KNOWN = [(1.3, 15, 0.864589), (1.1, 60, 2.381779), (0.7, 45, 5.639716)]


@pytest.mark.parametrize(("noise", "epochs", "epsilon"), KNOWN)
def test_known_epsilons_come_out_and_a_coarser_count_is_never_less(noise, epochs, epsilon):
    steps = math.ceil(epochs * N / BATCH)
    coarse = epsilon_of(noise, BATCH / N, steps, DELTA)
    assert epsilon <= coarse <= 1.01 * epsilon
    if noise == 0.7:
        assert epsilon_of(noise, BATCH / N, steps, DELTA, interval=1e-4) == pytest.approx(epsilon, abs=5e-7)


@pytest.mark.parametrize("noise", [1.0, 2.0, 4.0])
def test_one_release_costs_what_the_gaussian_mechanism_does(noise):
    """Balle & Wang 2018, Improving the Gaussian mechanism: exact."""
    def delta(epsilon):
        return norm.cdf(0.5 / noise - epsilon * noise) - math.exp(epsilon) * norm.cdf(-0.5 / noise - epsilon * noise)

    exact = brentq(lambda epsilon: delta(epsilon) - DELTA, 0, 20)
    assert exact - 1e-6 <= epsilon_of(noise, 1.0, 1, DELTA) <= exact + INTERVAL


@pytest.mark.parametrize(("epsilon", "rate", "steps"), [(4.0, 0.1, 200), (1.0, 0.05, 40), (8.0, 1.0, 20),
                                                      (1e4, 1.0, 30), (0.02, 0.1, 500)])
def test_the_least_noise_keeps_the_budget_and_hardly_less_would(epsilon, rate, steps):
    noise = noise_for(epsilon, rate, steps, DELTA)
    assert epsilon_of(noise, rate, steps, DELTA) <= epsilon < epsilon_of(noise * 0.99, rate, steps, DELTA)


def test_much_noise_over_many_steps_is_not_lost_in_rounding():
    """Without sampling, T steps with noise s are one with s / sqrt(T)."""
    assert epsilon_of(1000.0, 1.0, 400, DELTA) <= 1.05 * epsilon_of(50.0, 1.0, 1, DELTA)


def test_a_budget_pays_for_as_many_epochs_as_fit_and_not_one_more():
    asked = Privacy(epsilon=2, delta=1e-4, noise=1.5)
    whole = asked.guarantee(units=1000, rate=0.1, steps=10, epochs=40)
    assert 0 < whole.steps < 400 and whole.steps % 10 == 0
    assert whole.epsilon <= 2 < epsilon_of(1.5, 0.1, whole.steps + 10, 1e-4)
    assert asked.after(whole, 10).epsilon == epsilon_of(1.5, 0.1, 10, 1e-4)
    assert asked.after(whole, 0).epsilon == 0


@pytest.mark.parametrize(("given", "told"), [
    ({"epsilon": 0}, "epsilon is a number above 0"), ({"epsilon": "4"}, "epsilon is a number"),
    ({"epsilon": math.nan}, "epsilon is a number"), ({"epsilon": 4, "delta": 1.0}, "delta is a probability"),
    ({"epsilon": 4, "unit": "usr"}, "Did you mean user"), ({"epsilon": 4, "rows": 0}, "rows is a whole number"),
    ({"epsilon": 4, "noise": -1.0}, "noise is a number above 0"),
])  # fmt: skip
def test_what_makes_no_sense_is_refused(given, told):
    with pytest.raises(TrainingError, match=told):
        Privacy(**given)


def test_a_delta_that_would_give_a_user_away_is_refused():
    with pytest.raises(TrainingError, match="would allow to publish one"):
        Privacy(epsilon=4, delta=1e-3).guarantee(units=1000, rate=0.1, steps=10, epochs=1)
    with pytest.raises(TrainingError, match="one epoch costs more"):
        Privacy(epsilon=0.1, noise=0.5).guarantee(units=1000, rate=0.1, steps=10, epochs=1)


def test_without_the_library_the_error_names_what_installs_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "dp_accounting", None)
    with pytest.raises(TrainingError, match=r'%pip install "recmagic\[privacy\]"'):
        noise_for(4.0, 0.1, 10, DELTA)
