"""Popularity counts, and keeps the protocol of every scorer."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_matrix

from recmagic.data.dataset import Dataset
from recmagic.scorers.popularity import Popularity
from tests.evaluation.conformance import ScorerConformance


class TestPopularity(ScorerConformance):
    def scorer(self, data: Dataset) -> Popularity:
        return Popularity().fit(data.interactions.relevant("train"))


def test_scores_are_counts() -> None:
    matrix = csr_matrix(np.array([[0, 0, 0], [0, 1, 1], [0, 0, 1]], dtype=bool))
    scores = Popularity().fit(matrix).score(np.array([1, 2], np.int32))
    np.testing.assert_array_equal(scores, [[0, 1, 2], [0, 1, 2]])
