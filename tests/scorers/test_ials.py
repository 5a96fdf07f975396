"""iALS, where `implicit` is installed: its vectors solve the weighted least squares that its paper writes."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from recmagic.data.dataset import Dataset
from recmagic.errors import ModelError
from recmagic.scorers.ials import IALS
from tests.evaluation.conformance import ScorerConformance
from tests.scorers.logs import ALL, log_of, random_log, training_log


def test_without_implicit_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "implicit.cpu.als", None)
    with pytest.raises(ModelError, match=r"recmagic\[implicit\]"):
        IALS().fit(random_log())


def test_settings_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="whole numbers from 1 up"):
        IALS(width=0)
    with pytest.raises(ValueError, match="alpha above 1"):
        IALS(alpha=1)


class TestIALS(ScorerConformance):
    def scorer(self, data: Dataset) -> IALS:
        pytest.importorskip("implicit", reason="the library implicit is not installed")
        return IALS(width=4).fit(training_log(data))


def test_a_users_vector_is_the_weighted_least_squares_of_the_items() -> None:
    pytest.importorskip("implicit", reason="the library implicit is not installed")
    log = random_log()
    fitted = IALS(width=4, regularization=2, alpha=5).fit(log)
    found, items = fitted.knowing(log).score(ALL), fitted.model.item_factors
    taken = log.matrix.toarray()[:, fitted.items]
    for user in (1, 7, 20):
        weight = np.where(taken[user] > 0, 5.0, 1.0)
        normal = (items.T * weight) @ items + 2 * np.eye(4)
        vector = np.linalg.solve(normal, items.T @ (weight * taken[user]))
        np.testing.assert_allclose(found[user, fitted.items], items @ vector, rtol=1e-3, atol=1e-4)
    assert np.isneginf(found[:, log.counts == 0]).all()


def test_a_new_user_is_known_by_another_log() -> None:
    pytest.importorskip("implicit", reason="the library implicit is not installed")
    fitted = IALS(width=4).fit(random_log())
    other = fitted.knowing(log_of([3, 1, 2], [], items=30)).score(np.array([1, 2, 0], np.int32))
    assert np.ptp(other[0, fitted.items]) > 0 and not other[1:, fitted.items].any()
