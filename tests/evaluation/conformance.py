"""What every scorer must keep, so that a new one's test is four lines: subclass `ScorerConformance`, give `scorer`."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from recmagic.data.dataset import Dataset
from recmagic.evaluation.evaluate import evaluate
from recmagic.evaluation.ranking import selections
from recmagic.evaluation.scorer import Scorer
from recmagic.evaluation.task import Task


def small_data(**options: object) -> Dataset:
    """Forty users, twenty-five items of uneven popularity, ratings and times; the last items split off."""
    random = np.random.default_rng(0)
    liking = 1.0 / np.arange(1, 26)
    rows = [(u, i) for u in range(40) for i in random.choice(25, 8, replace=False, p=liking / liking.sum())]
    frame = pd.DataFrame(rows, columns=["user_id", "item_id"]).assign(
        rating=random.integers(1, 6, len(rows)).astype(float), timestamp=random.permutation(len(rows))
    )
    items = pd.DataFrame(
        {
            "item_id": range(25),
            "title": [f"Item {n}" for n in range(25)],
            "genres": [("a|b", "b", "c|a|d", "d|b")[n % 4] for n in range(25)],
        }
    )
    return Dataset.load(frame, **{"split": "last", "items": items, "types": {"genres": "multi"}, **options})


class ScorerConformance:
    """Nine checks over the protocol; `scorer` makes a scorer fitted to the training part of the data."""

    def scorer(self, data: Dataset) -> Scorer:
        raise NotImplementedError

    @pytest.fixture(scope="class")
    def data(self) -> Dataset:
        return small_data()

    @pytest.fixture
    def fitted(self, data: Dataset) -> Scorer:
        return self.scorer(data)

    def test_it_is_a_scorer(self, fitted: Scorer) -> None:
        assert isinstance(fitted, Scorer)
        assert isinstance(fitted.ranks_cold, bool)

    def test_one_row_a_user_and_one_column_an_item(self, fitted: Scorer, data: Dataset) -> None:
        scores = np.asarray(fitted.score(np.array([3, 1, 2], np.int32)))
        assert scores.shape == (3, data.items.count + 1)
        assert np.issubdtype(scores.dtype, np.floating)

    def test_no_user_gives_no_row(self, fitted: Scorer, data: Dataset) -> None:
        assert np.asarray(fitted.score(np.array([], np.int32))).shape == (0, data.items.count + 1)

    def test_no_score_is_nan(self, fitted: Scorer, data: Dataset) -> None:
        rows = np.arange(1, data.users.count + 1, dtype=np.int32)
        assert not np.isnan(np.asarray(fitted.score(rows))[:, 1:]).any()

    def test_the_unknown_user_is_scored_too(self, fitted: Scorer, data: Dataset) -> None:
        assert not np.isnan(np.asarray(fitted.score(np.array([0], np.int32)))[:, 1:]).any()

    def test_users_do_not_depend_on_their_block(self, fitted: Scorer, data: Dataset) -> None:
        rows = np.arange(1, data.users.count + 1, dtype=np.int32)
        whole = np.asarray(fitted.score(rows))[:, 1:]
        alone = np.concatenate([np.asarray(fitted.score(rows[n : n + 1]))[:, 1:] for n in range(len(rows))])
        np.testing.assert_allclose(alone, whole, rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(np.asarray(fitted.score(rows[::-1]))[::-1, 1:], whole, rtol=1e-4, atol=1e-5)

    def test_scoring_twice_gives_the_same(self, fitted: Scorer) -> None:
        rows = np.array([1, 5], np.int32)
        np.testing.assert_array_equal(np.asarray(fitted.score(rows)), np.asarray(fitted.score(rows)))

    def test_lists_hold_nothing_seen_and_nothing_twice(self, fitted: Scorer, data: Dataset) -> None:
        task = Task.of(data)
        seen = data.interactions.seen((0, 1)).toarray()
        for rows, found in selections(fitted, task.users, lambda rows: task.hidden(rows, fitted.ranks_cold), k=10):
            for user, items in zip(rows, found.items):
                listed = items[items > 0]
                assert len(set(listed.tolist())) == len(listed)
                assert not seen[user, listed].any()

    def test_metrics_are_within_their_bounds(self, fitted: Scorer, data: Dataset) -> None:
        means = evaluate(fitted, data, metrics=("recall", "ndcg", "mrr", "map", "hit_rate", "coverage", "gini")).means
        assert len(means) == 7 and all(0.0 <= value <= 1.0 for value in means.values())
