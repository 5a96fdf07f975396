"""A report carries its protocol, counts and definitions in every form."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from recmagic.data.dataset import Dataset
from recmagic.evaluation.measure import measure
from recmagic.evaluation.pairs import pairs_of
from recmagic.evaluation.report import ALL_USERS, Report, Row
from recmagic.scorers import Log
from recmagic.scorers.popularity import Popularity
from tests.evaluation.conformance import small_data


@pytest.fixture(scope="module")
def data() -> Dataset:
    return small_data()


class Truth:
    """Knows what each user will take."""

    def __init__(self, data: Dataset) -> None:
        self.wanted = data.interactions.relevant("test").toarray()
        self.data = data

    def scores(self, user_ids: np.ndarray, item_ids: np.ndarray, at: np.ndarray, until: np.ndarray) -> np.ndarray:
        assert (at <= until).all()
        return self.wanted[np.ix_(self.data.users.rows(user_ids), self.data.items.rows(item_ids))].astype(float)


@pytest.fixture(scope="module")
def report(data: Dataset) -> Report:
    known = replace(data, truth=Truth(data))
    pairs = pairs_of(lambda rows: np.full(len(rows), 3.0), data, data.interactions.rating.astype(float))
    return measure(
        {"<b>mine": Popularity().fit(Log.of(data.interactions, (0,)))}, known, k=5, pairs={"<b>mine": pairs}
    )


def test_popularity_and_the_ceiling_stand_beside_the_model(report: Report) -> None:
    table = report.df.set_index("model")
    assert list(table.index) == ["<b>mine", "Popularity", "Ceiling"]
    assert table.loc["Ceiling", "recall@5"] == 1.0 and table.loc["Ceiling", "ndcg@5"] == 1.0
    assert table.loc["<b>mine", "ndcg@5"] < 1.0
    assert np.isnan(table.loc["Popularity", "rmse"]) and table.loc["<b>mine", "rmse"] > 0


def test_text_is_stable_and_says_how_it_was_measured(report: Report) -> None:
    text = repr(report)
    assert text == repr(report) and " at 0x" not in text
    for fact in (
        "Full ranking of 25 items, k = 5",
        "40 users evaluated",
        report.fingerprint,
        "clipped to 1–5",
        "Ceiling",
    ):
        assert fact in text
    assert max(len(line) for line in text.splitlines()) < 150


def test_html_is_escaped_and_holds_the_definitions(report: Report) -> None:
    page = report._repr_html_()
    assert "<b>mine" not in page and "&lt;b&gt;mine" in page
    for definition in report.definitions.values():
        assert definition.split("'")[0].replace("<", "&lt;")[:40] in page


def test_json_is_whole_and_valid(report: Report) -> None:
    read = json.loads(report.to_json(), parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    assert read["counts"]["users"] == 40 and read["part"] == "test"
    assert set(read["definitions"]) == {label for row in read["rows"] for label in row["values"]}


def test_a_metric_that_is_not_a_number_is_null_in_json(data: Dataset) -> None:
    ones = np.ones(len(data.interactions))
    pairs = pairs_of(lambda rows: np.full(len(rows), 0.7), data, ones, binary=True)
    report = measure({"mine": Popularity().fit(Log.of(data.interactions, (0,)))}, data, pairs={"mine": pairs})
    values = json.loads(report.to_json(), parse_constant=pytest.fail)["rows"][0]["values"]
    assert values["auc"] is None and values["accuracy"] == 1.0


def test_a_binary_target_has_its_rows_measured_beside_the_lists(data: Dataset) -> None:
    liked = (data.interactions.rating >= 3).astype(float)
    pairs = pairs_of(lambda rows: np.where(rows % 3 == 0, 0.9, 0.2), data, liked, binary=True)
    report = measure({"mine": Popularity().fit(Log.of(data.interactions, (0,)))}, data, k=5, pairs={"mine": pairs})
    row = report.df.set_index("model").loc["mine"]
    right = (pairs.predicted > 0.5) & (pairs.target == 1)
    assert row["precision"] == pytest.approx(right.sum() / (pairs.predicted > 0.5).sum())
    assert row["recall"] == pytest.approx(right.sum() / pairs.target.sum())
    assert row["f1"] == pytest.approx(2 / (1 / row["precision"] + 1 / row["recall"]))
    assert {"precision@5", "recall@5", "f1@5"} <= set(report.metrics)
    of_rows = next(line for line in repr(report).splitlines() if "logloss" in line)
    assert of_rows.split() == ["auc", "gauc", "logloss", "accuracy", "precision", "recall", "f1"]
    assert report.definitions["recall"] != report.definitions["recall@5"]


def test_a_model_that_another_beats_in_size_and_accuracy_is_not_on_the_frontier(report: Report) -> None:
    """By hand: "worse" is larger than "best" and no better, "twin" is as large as "small" and less good."""
    points = {"small": (1000, 0.2), "twin": (1000, 0.1), "best": (5000, 0.5), "worse": (6000, 0.5), "same": (5000, 0.5)}
    rows = tuple(Row(name, ALL_USERS, 9, {report.shown: value}) for name, (_, value) in points.items())
    sized = replace(report, rows=rows, sizes={name: size for name, (size, _) in points.items()})
    assert sized.frontier == ["small", "best", "same"]


def test_per_user_values_are_kept(report: Report) -> None:
    kept = report.evaluations["Popularity"]
    assert kept.per_user["ndcg@5"].shape == kept.users.shape
    assert kept.per_user["ndcg@5"].mean() == pytest.approx(report.rows[1].values["ndcg@5"])
