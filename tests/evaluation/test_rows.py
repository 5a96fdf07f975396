"""Metrics of predictions row by row, against their definitions written out."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recmagic.data.dataset import Dataset
from recmagic.errors import DataError, ModelError
from recmagic.evaluation.metrics import label_of, metric, of_label, row_metric
from recmagic.evaluation.pairs import Pairs, pairs_of

rows = st.lists(
    st.tuples(st.integers(1, 3), st.sampled_from([0.1, 0.4, 0.5, 0.9]), st.booleans()), min_size=1, max_size=25
)


def binary(cases: list) -> Pairs:
    users, predicted, target = (np.array(column) for column in zip(*cases))
    return Pairs(users.astype(np.int32), predicted, target.astype(float), binary=True)


def auc_by_pairs(cases: list) -> float:
    wins = [1.0 if p > q else 0.5 if p == q else 0.0 for _, p, y in cases if y for _, q, z in cases if not z]
    return sum(wins) / len(wins) if wins else float("nan")


@given(rows)
def test_auc_is_the_share_of_pairs_in_order(cases: list) -> None:
    assert metric("auc").function(binary(cases)) == pytest.approx(auc_by_pairs(cases), nan_ok=True)


@given(rows)
def test_gauc_weighs_the_users_auc_by_their_rows(cases: list) -> None:
    mine = [[case for case in cases if case[0] == user] for user in (1, 2, 3)]
    both = [own for own in mine if len({y for *_, y in own}) == 2]
    want = np.average([auc_by_pairs(own) for own in both], weights=[len(own) for own in both]) if both else np.nan
    assert metric("gauc").function(binary(cases)) == pytest.approx(want, nan_ok=True)


def test_logloss_and_accuracy() -> None:
    pairs = binary([(1, 0.9, True), (1, 0.5, False), (2, 0.2, False), (2, 0.0, True)])
    assert metric("accuracy").function(pairs) == 0.5
    want = -np.mean([np.log(0.9), np.log(0.5), np.log(0.8), np.log(1e-7)])
    assert metric("logloss").function(pairs) == pytest.approx(want)


@given(rows)
def test_precision_recall_and_f1_count_the_rows_on_either_side_of_one_half(cases: list) -> None:
    right = sum(p >= 0.5 for _, p, y in cases if y)
    called, ones = sum(p >= 0.5 for _, p, _ in cases), sum(y for *_, y in cases)
    precision, recall = right / called if called else 0.0, right / ones if ones else float("nan")
    f1 = 2 * precision * recall / (precision + recall) if right or not ones else 0.0
    for name, want in (("precision", precision), ("recall", recall), ("f1", f1)):
        assert row_metric(name).function(binary(cases)) == pytest.approx(want, nan_ok=True)


def test_a_name_without_k_is_of_rows_and_one_with_k_of_lists() -> None:
    assert of_label("precision@10") is metric("precision") and of_label("precision@10").of_lists
    assert of_label("precision") is row_metric("precision") and not of_label("precision").of_lists
    assert "at least 0.5" in of_label("precision").definition != of_label("precision@10").definition
    assert row_metric("auc") is metric("auc") and row_metric("logloss").lower_is_better
    with pytest.raises(ModelError, match=r"ndcg measures lists, not rows.\n  Write ndcg\(10\)."):
        row_metric("ndcg")


@pytest.mark.parametrize("name, k, binary, label", [
    ("precision", None, True, "precision"), ("precision", 5, True, "precision@5"),
    ("precision", None, False, "precision@10"), ("ndcg", None, True, "ndcg@10"), ("ndcg", 3, False, "ndcg@3"),
    ("auc", None, True, "auc"), ("rmse", None, False, "rmse"),
])
def test_a_cells_metric_is_of_rows_beside_a_binary_target_unless_it_has_a_k(
    name: str, k: int | None, binary: bool, label: str
) -> None:
    assert label_of(name, k, binary) == label


@pytest.fixture
def data() -> Dataset:
    parts = ["train", "train", "valid", "test", "test", "test"]
    frame = pd.DataFrame(
        {"user_id": [1, 2, 1, 1, 2, 2], "item_id": [1, 1, 2, 3, 2, 4], "rating": [2.0, 4, 5, 5, 1, 3], "split": parts}
    )
    return Dataset.load(frame, split="file")


def test_errors_are_pooled_and_predictions_clipped_to_the_training_scale(data: Dataset) -> None:
    rating = data.interactions.rating.astype(float)
    pairs = pairs_of(lambda rows: np.full(len(rows), 9.0), data, rating)
    assert pairs.scale == (2.0, 4.0)
    assert metric("rmse").function(pairs) == pytest.approx(np.sqrt((1 + 9 + 1) / 3))
    assert metric("mae").function(pairs) == pytest.approx(5 / 3)
    assert metric("rmse").lower_is_better and not metric("ndcg").lower_is_better


def test_rows_without_a_target_are_left_out(data: Dataset) -> None:
    rating = data.interactions.rating.astype(float)
    rating[data.interactions.part == 2] = [np.nan, 1.0, np.nan]
    assert pairs_of(lambda rows: np.zeros(len(rows)), data, rating).target.tolist() == [1.0]
    with pytest.raises(DataError, match="No row of the test part"):
        pairs_of(lambda rows: np.zeros(len(rows)), data, np.full(len(rating), np.nan))
    with pytest.raises(ModelError, match="not numbers"):
        pairs_of(lambda rows: np.full(len(rows), np.nan), data, rating)
