"""EASE against an inverse written out, and what makes it right: no better weights are to be found."""

from __future__ import annotations

import numpy as np
import pytest

from recmagic.data.dataset import Dataset
from recmagic.errors import ModelError
from recmagic.scorers import ease
from recmagic.scorers.ease import EASE
from tests.evaluation.conformance import ScorerConformance
from tests.evaluation.counting import Ease
from tests.scorers.logs import ALL, log_of, random_log, training_log


class TestEASE(ScorerConformance):
    def scorer(self, data: Dataset) -> EASE:
        return EASE(20).fit(training_log(data))


def test_scores_are_those_of_the_inverse_gram_matrix() -> None:
    log = random_log()
    found, known = EASE(7).fit(log).score(ALL), log.counts > 0
    np.testing.assert_allclose(found[:, known], Ease(log.matrix, 7).score(ALL)[:, known], rtol=1e-3, atol=1e-4)
    assert np.isneginf(found[:, ~known]).all() and not known[-1]


def test_the_weights_are_the_least_squares_without_an_items_own() -> None:
    log = random_log()
    fitted, taken = EASE(7).fit(log), log.matrix.toarray()[:, log.counts > 0].astype(float)
    for item in (0, 3):
        others = np.delete(taken, item, axis=1)
        normal = others.T @ others + 7 * np.eye(others.shape[1])
        best = np.linalg.solve(normal, others.T @ taken[:, item])
        np.testing.assert_allclose(np.delete(fitted.weights[:, item], item), best, rtol=1e-3, atol=1e-4)
        assert fitted.weights[item, item] == 0


def test_a_new_user_is_known_by_another_log() -> None:
    fitted = EASE(7).fit(random_log())
    other = fitted.knowing(log_of([3, 1, 2], items=30))
    np.testing.assert_allclose(other.score(ALL[1:2])[0, fitted.items], fitted.weights[:3].sum(axis=0), rtol=1e-4)
    assert fitted.past.shape[0] == 61


def test_too_many_items_are_refused_with_their_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ease, "LARGEST", 20)
    with pytest.raises(ModelError, match=r"a matrix of 2\d × 2\d numbers"):
        EASE().fit(random_log())
    with pytest.raises(ValueError, match="above 0, not 0"):
        EASE(0)
