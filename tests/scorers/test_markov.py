"""Markov against counts written down, and against the plain scorer of the gates."""

from __future__ import annotations

import numpy as np

from recmagic.data.dataset import Dataset
from recmagic.scorers.markov import TIE, Markov
from tests.evaluation.conformance import ScorerConformance, small_data
from tests.evaluation.counting import Markov as Plain
from tests.scorers.logs import log_of, training_log


class TestMarkov(ScorerConformance):
    def scorer(self, data: Dataset) -> Markov:
        return Markov().fit(training_log(data))


def test_scores_are_counts_of_what_followed_the_last_item_and_then_popularity() -> None:
    log = log_of([1, 2, 3], [1, 2], [4, 1, 3], [2, 1])  # 1 is followed by 2, 2 and 3
    scores = Markov().fit(log).score(np.array([4, 1, 0], np.int32))
    popularity = np.array([-np.inf, 4, 3, 2, 1, -np.inf, -np.inf]) * TIE
    np.testing.assert_allclose(scores[0], popularity + [0, 0, 2, 1, 0, 0, 0])
    np.testing.assert_allclose(scores[1:], [popularity, popularity])  # after 3 came nothing; of 0 nothing is known


def test_it_is_the_plain_scorer_of_the_gates() -> None:
    data = small_data()
    rows = np.arange(1, data.users.count + 1, dtype=np.int32)
    found, known = Markov().fit(training_log(data)).score(rows), training_log(data).counts > 0
    np.testing.assert_allclose(found[:, known], Plain(data, (0,), tie=TIE).score(rows)[:, known])


def test_a_new_user_is_known_by_another_log() -> None:
    fitted = Markov().fit(log_of([1, 2], [1, 2]))
    assert fitted.knowing(log_of([2, 1])).score(np.array([1], np.int32))[0].argmax() == 2
    assert fitted.score(np.array([1], np.int32))[0, 2] < 1
