"""Popularity counts, and keeps the protocol of every scorer."""

from __future__ import annotations

import numpy as np
import pytest

from recmagic.data.dataset import Dataset
from recmagic.errors import ModelError
from recmagic.scorers.popularity import DAY, Popularity
from tests.evaluation.conformance import ScorerConformance
from tests.scorers.logs import log_of, training_log


class TestPopularity(ScorerConformance):
    def scorer(self, data: Dataset) -> Popularity:
        return Popularity().fit(training_log(data))


class TestPopularityWithDecay(ScorerConformance):
    def scorer(self, data: Dataset) -> Popularity:
        return Popularity(half_life=30).fit(training_log(data))


def test_scores_are_counts() -> None:
    scores = Popularity().fit(log_of([1, 2], [2], items=3)).score(np.array([1, 2], np.int32))
    np.testing.assert_array_equal(scores, [[0, 1, 2, 0], [0, 1, 2, 0]])


def test_with_a_half_life_what_is_older_counts_less() -> None:
    log = log_of([1, 2], [2, 3], times=[0, 10 * DAY, 5 * DAY, 20 * DAY], items=3)
    scores = Popularity(half_life=5).fit(log).score(np.array([1], np.int32))
    np.testing.assert_allclose(scores, [[0, 2**-4, 2**-2 + 2**-3, 1]])


def test_a_decay_needs_times_and_a_half_life_above_zero() -> None:
    with pytest.raises(ModelError, match="the data has no times"):
        Popularity(half_life=5).fit(log_of([1]))
    with pytest.raises(ValueError, match="number of days above 0, not 0"):
        Popularity(half_life=0)
