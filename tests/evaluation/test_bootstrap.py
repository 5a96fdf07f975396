"""The paired bootstrap: against plain loops, and as good as its 95 % say on many simulated comparisons."""

from __future__ import annotations

import numpy as np
import pytest

from recmagic.evaluation import bootstrap
from recmagic.evaluation.bootstrap import interval, p_values, resampled_means, significant


def gaps(users: int, experiments: int, planted: float = 0.0, seed: int = 0) -> np.ndarray:
    """Differences per user as hit rates have them: mostly 0, else plus or minus one; `planted` is their mean."""
    random = np.random.default_rng(seed)
    return random.choice([-1.0, 0.0, 1.0], (users, experiments), p=[0.1 - planted / 2, 0.8, 0.1 + planted / 2])


def test_a_resample_is_the_mean_of_users_drawn_with_replacement(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "BLOCK", 2 * 5)  # two resamples a block, the last one alone
    values = np.random.default_rng(1).normal(size=(5, 3))
    random, expected = np.random.default_rng(7), []
    for height in (2, 2, 1):
        expected += [values[drawn].mean(axis=0) for drawn in random.integers(5, size=(height, 5))]
    np.testing.assert_allclose(resampled_means(values, 5, 7), expected)
    np.testing.assert_array_equal(resampled_means(values, 5, 7), resampled_means(values, 5, 7))
    assert not np.allclose(resampled_means(values, 5, 8), expected)


def test_means_spread_as_theory_says() -> None:
    values = np.random.default_rng(2).normal(3, 2, (400, 1))
    means = resampled_means(values, 10_000, 0)
    assert means.mean() == pytest.approx(values.mean(), abs=0.01)
    assert means.std() == pytest.approx(values.std() / np.sqrt(400), rel=0.03)


@pytest.mark.parametrize("planted", [0.0, 0.08])
def test_the_interval_holds_the_truth_95_times_in_100(planted: float) -> None:
    low, high = interval(resampled_means(gaps(300, 3000, planted), 2000, 0))
    assert np.mean((low <= planted) & (planted <= high)) == pytest.approx(0.95, abs=0.015)


def test_nothing_is_found_5_times_in_100_and_what_is_planted_mostly() -> None:
    nothing = p_values(resampled_means(gaps(300, 3000), 2000, 0))
    assert np.mean(nothing < 0.05) == pytest.approx(0.05, abs=0.015)
    assert np.mean(p_values(resampled_means(gaps(300, 500, 0.1), 2000, 0)) < 0.05) > 0.9


def test_p_and_the_interval_say_the_same() -> None:
    means = resampled_means(gaps(100, 400, 0.05), 2000, 0)
    (low, high), p = interval(means), p_values(means)
    assert np.mean((p < 0.05) == ((low > 0) | (high < 0))) > 0.99


def test_p_counts_the_rarer_side_twice_and_is_never_0() -> None:
    means = np.array([[1.0, 0.0, -1.0, -3.0]] * 90 + [[1.0, 0.0, 2.0, 1.0]] * 9)
    assert p_values(means).tolist() == [2 / 100, 1.0, pytest.approx(20 / 100), pytest.approx(20 / 100)]


def test_holm_asks_more_of_the_best_of_several() -> None:
    assert significant(np.array([0.04])).tolist() == [True]
    assert significant(np.array([0.04, 0.03])).tolist() == [False, False]
    assert significant(np.array([0.04, 0.02])).tolist() == [True, True]
    assert significant(np.array([0.3, 0.001, 0.03])).tolist() == [False, True, False]
