"""ItemKNN against cosines and neighbours found one by one."""

from __future__ import annotations

import numpy as np
import pytest

from recmagic.data.dataset import Dataset
from recmagic.scorers import Log, item_knn
from recmagic.scorers.item_knn import ItemKNN
from tests.evaluation.conformance import ScorerConformance
from tests.scorers.logs import ALL, log_of, random_log, training_log


class TestItemKNN(ScorerConformance):
    def scorer(self, data: Dataset) -> ItemKNN:
        return ItemKNN(neighbours=5).fit(training_log(data))


def cosines(log: Log, shrinkage: float) -> np.ndarray:
    """The similarity of every two known items, one pair after the other."""
    taken = log.matrix.toarray()[:, log.counts > 0]
    found = np.zeros((taken.shape[1],) * 2)
    for one in range(len(found)):
        for other in set(range(len(found))) - {one}:
            a, b = taken[:, one], taken[:, other]
            found[one, other] = (a @ b) / (np.sqrt(a.sum() * b.sum()) + shrinkage)
    return found


@pytest.mark.parametrize("block", [512, 7])
@pytest.mark.parametrize("neighbours", [4, 100])
def test_the_nearest_are_kept_of_each_item(neighbours: int, block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(item_knn, "BLOCK", block)
    log = random_log()
    kept, every = ItemKNN(neighbours, shrinkage=3.7).fit(log).similarity.toarray(), cosines(log, 3.7)
    np.testing.assert_allclose(kept[kept > 0], every[kept > 0], rtol=1e-5)
    np.testing.assert_allclose(-np.sort(-kept, axis=0)[:neighbours], -np.sort(-every, axis=0)[:neighbours], rtol=1e-5)
    assert (kept > 0).sum(axis=0).max() <= neighbours


def test_scores_are_sums_over_the_kept_items_that_the_user_has() -> None:
    log = random_log()
    fitted = ItemKNN(neighbours=4).fit(log)
    found, known = fitted.score(ALL), log.counts > 0
    expected = log.matrix.toarray()[:, known] @ fitted.similarity.toarray()
    np.testing.assert_allclose(found[:, known], expected, rtol=1e-5, atol=1e-6)
    assert np.isneginf(found[:, ~known]).all() and not known[-1]


def test_a_new_user_is_known_by_another_log() -> None:
    fitted = ItemKNN().fit(log_of([1, 2], [1, 2], [3, 2]))
    scores = fitted.knowing(log_of([1])).score(np.array([1], np.int32))
    np.testing.assert_allclose(scores[0, 1:4], [0, 2 / (np.sqrt(6) + 10), 0], rtol=1e-5)


def test_settings_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="neighbours is a whole number from 1 up, not 0"):
        ItemKNN(0)
    with pytest.raises(ValueError, match="shrinkage is a number from 0 up"):
        ItemKNN(shrinkage=-1)


def test_a_log_without_anything_scores_nothing() -> None:
    assert np.isneginf(ItemKNN().fit(log_of([])).score(np.array([0, 1], np.int32))).all()
