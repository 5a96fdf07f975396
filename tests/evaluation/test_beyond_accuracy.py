"""Coverage, gini, novelty, popularity and diversity of lists small enough to count."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from recmagic.evaluation.catalogue import Catalogue
from recmagic.evaluation.metrics import metric, names
from recmagic.evaluation.ranks import Ranks


def lists(items: list[list[int]], catalogue: Catalogue) -> Ranks:
    """Ranks with nothing but their lists."""
    shown = np.array(items, dtype=np.int32)
    blank = np.zeros(shown.shape, dtype=np.int64)
    return Ranks(shown, blank, blank + 1, blank, np.ones(len(shown), dtype=np.int64), catalogue)


VALUES = np.array([[0, 0, 0], [1, 1, 0], [1, 0, 0], [0, 0, 1], [0, 0, 0]], dtype=bool)
CATALOGUE = Catalogue(np.array([0, 8, 4, 2, 0]), users=8, values=VALUES)


@pytest.mark.parametrize(
    "name, want",
    [
        ("coverage", 3 / 4),
        ("popularity", [6.0, 5.0, 4.0]),
        ("novelty", [0.5, 1.0, 1.0]),
        ("intra_list_diversity", [0.5, 1.0, 0.0]),
    ],
)
def test_values(name: str, want: object) -> None:
    ranks = lists([[1, 2, 3], [1, 3, 2], [2, 0, 0]], CATALOGUE)
    np.testing.assert_allclose(metric(name).function(ranks, 2), want)


@pytest.mark.parametrize("count", [1, 63, 64, 65, 200])
def test_diversity_is_the_mean_over_pairs_however_many_values_there_are(count: int) -> None:
    random = np.random.default_rng(count)
    values = random.random((30, count)) < 0.1
    values[0] = values[1] = False
    items = [*random.permuted(np.tile(np.arange(1, 30), (300, 1)), axis=1)[:, :6].tolist(), [1, 5, 9, 0, 0, 0]]

    def apart(one: int, other: int) -> float:
        union = (values[one] | values[other]).sum()
        return 1.0 - (values[one] & values[other]).sum() / union if union else 1.0

    want = [np.mean([apart(*pair) for pair in combinations([item for item in row if item], 2)]) for row in items]
    ranks = lists(items, Catalogue(np.ones(30, int), 8, values))
    np.testing.assert_allclose(metric("intra_list_diversity").function(ranks, 6), want, atol=1e-6)


def test_an_item_without_users_is_as_novel_as_one_with_one() -> None:
    assert metric("novelty").function(lists([[4]], CATALOGUE), 1)[0] == 3.0


def test_gini() -> None:
    assert metric("gini").function(lists([[1, 2], [3, 4]], CATALOGUE), 2) == 0.0
    assert metric("gini").function(lists([[1], [1]], CATALOGUE), 1) == pytest.approx(3 / 4)  # one of four has it all
    mean_difference = np.abs(np.subtract.outer([2, 1, 1, 0], [2, 1, 1, 0])).mean()
    assert metric("gini").function(lists([[1, 2], [3, 1]], CATALOGUE), 2) == pytest.approx(mean_difference / 2)


def test_without_multi_valued_columns_there_is_no_diversity() -> None:
    ranks = lists([[1, 2]], Catalogue(CATALOGUE.counts, 8))
    assert np.isnan(metric("intra_list_diversity").function(ranks, 2)).all()


@pytest.mark.parametrize("name", names())
def test_every_metric_has_a_definition_and_only_its_own_public_name(name: str) -> None:
    found = metric(name)
    assert found.function.__name__ == name and found.definition.endswith(".")
