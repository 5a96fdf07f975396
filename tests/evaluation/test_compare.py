"""Models compared on the same users: equal ones, one that is planted better, and what a comparison shows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

import recmagic
from recmagic.data.dataset import Dataset
from recmagic.errors import ModelError
from recmagic.evaluation.compare import Comparison, compare, differences
from recmagic.evaluation.evaluate import Evaluation
from recmagic.evaluation.measure import measure
from recmagic.evaluation.report import Report
from tests.evaluation.conformance import small_data


@pytest.fixture(scope="module")
def data() -> Dataset:
    return small_data()


@dataclass
class Guesses:
    """Scores at random, with `knowledge` added where an item is relevant in the test."""

    name: str
    data: Dataset
    seed: int
    knowledge: float = 0.0
    ranks_cold: bool = True

    def score(self, user_rows: np.ndarray) -> np.ndarray:
        shape = self.data.users.count + 1, self.data.items.count + 1
        scores = np.random.default_rng(self.seed).random(shape)
        return (scores + self.knowledge * self.data.interactions.relevant("test").toarray())[user_rows]

    def evaluate(self, *others: Any, k: int, on: str) -> Report:
        return measure({model.name: model for model in (self, *others)}, self.data, k=k, on=on)


@pytest.fixture(scope="module")
def comparison(data: Dataset) -> Comparison:
    models = [Guesses("<b>first", data, 0), Guesses("other", data, 1), Guesses("knowing", data, 2, knowledge=0.5)]
    return compare(*models, k=5)


def test_models_as_good_are_not_told_apart_and_one_that_knows_more_is(comparison: Comparison) -> None:
    table = comparison.df.set_index(["model", "metric"])
    other, knowing = table.loc[("other", "ndcg@5")], table.loc[("knowing", "ndcg@5")]
    assert other["low"] < 0 < other["high"] and other["p"] > 0.05 and not other["significant"]
    assert knowing["low"] > 0 and knowing["p"] < 0.001 and knowing["significant"]


def test_a_model_and_itself_differ_by_nothing(data: Dataset) -> None:
    rows = compare(Guesses("a", data, 3), Guesses("b", data, 3), k=5).rows
    assert {(row.difference, row.low, row.high, row.p, row.significant) for row in rows} == {(0, 0, 0, 1, False)}


def test_values_are_those_of_the_report(data: Dataset, comparison: Comparison) -> None:
    first, other = Guesses("first", data, 0), Guesses("other", data, 1)
    report = first.evaluate(other, k=5, on="test").df.set_index("model")
    for row in comparison.rows[: len(comparison.rows) // 2]:
        assert row.model == "other" and row.value == pytest.approx(report.loc["other", row.metric])
        assert row.against_value == pytest.approx(report.loc["first", row.metric])
        assert row.difference == pytest.approx(row.value - row.against_value, abs=1e-12)
        assert row.low <= row.difference <= row.high
    assert "coverage@5" not in {row.metric for row in comparison.rows}  # of all lists together: no value for each user
    assert comparison.users == 40 and comparison.data == report_of(data).data


def report_of(data: Dataset) -> Report:
    return measure({}, data, k=5)


def test_one_seed_is_one_comparison(data: Dataset, comparison: Comparison) -> None:
    models = [Guesses(name, data, seed) for seed, name in enumerate(["first", "other"])]
    again, anew = (compare(*models, k=5, seed=seed) for seed in (0, 1))
    ndcg = [next((row.low, row.high) for row in each.rows if row.metric == "ndcg@5")
            for each in (comparison, again, anew)]
    assert ndcg[0] == ndcg[1] != ndcg[2]


def test_several_models_are_corrected_for_and_one_is_not(comparison: Comparison, data: Dataset) -> None:
    assert "corrected for 2 models (Holm)" in repr(comparison)
    assert "corrected" not in repr(compare(Guesses("a", data, 0), Guesses("b", data, 1)))


def test_the_correction_is_over_the_models_of_a_metric() -> None:
    sample = np.random.default_rng(0).normal(size=(100, 4))
    close, none, far, again = ((sample - sample.mean(axis=0)) / sample.std(axis=0) + [0.21, 0, 2, 0]).T
    users = np.arange(100, dtype=np.int32)
    of = [Evaluation(users, users >= 0, {"ndcg@5": x, "recall@5": y})
          for x, y in ((0 * close, 0 * close), (close, none), (far, again))]
    rows = differences({"first": of[0], "close": of[1], "far": of[2]}, 5000, 0)
    assert 0.025 < rows[0].p < 0.05  # beside one that is nothing it would not stand; beside one that stands it does
    assert {(row.model, row.metric): row.significant for row in rows} == {
        ("close", "ndcg@5"): True, ("close", "recall@5"): False,
        ("far", "ndcg@5"): True, ("far", "recall@5"): False,
    }  # fmt: skip


def test_text_and_page_hold_the_numbers_and_how_they_came(comparison: Comparison) -> None:
    text, page = repr(comparison), comparison._repr_html_()
    assert text == repr(comparison) and " at 0x" not in text
    assert "other, knowing against <b>first on the test part" in text
    for shown in (text, page):
        for fact in ("40 users", "10,000 resamples", "seed 0", comparison.fingerprint, "k = 5", "95 % interval"):
            assert fact in shown
    knowing = next(line for line in text.splitlines() if line.startswith("knowing") and "ndcg@5" in line)
    assert knowing.endswith("better")
    assert "<b>first" not in page and "&lt;b&gt;first" in page and "best such sum" in page
    assert max(len(line) for line in text.splitlines()) < 150


def test_what_cannot_be_compared(data: Dataset) -> None:
    alone = Guesses("a", data, 0)
    with pytest.raises(ModelError, match="nothing to compare 'a' with"):
        compare(alone)
    with pytest.raises(ModelError, match="Two models are called 'a'"):
        compare(alone, Guesses("a", data, 1))


def test_trained_models_are_compared() -> None:
    lines = "score = embedding(user_id, 4) @ embedding(item_id, 4)\nloss = {}()\n"
    data = replace(small_data(), name="small")
    models = [recmagic.Model.read(lines.format(loss), data, name=loss.lower()) for loss in ("BPR", "WARP")]
    with pytest.raises(ModelError, match="'bpr' has not been trained"):
        recmagic.compare(*models)
    for model in models:
        model.train(epochs=1)
    found = recmagic.compare(*models, k=3, on="valid")
    assert found.first == "bpr" and found.part == "valid" and {row.model for row in found.rows} == {"warp"}
    expected = models[0].evaluate(models[1], k=3, on="valid").evaluations
    ndcg = next(row for row in found.rows if row.metric == "ndcg@3")
    assert (ndcg.against_value, ndcg.value) == tuple(expected[name].means["ndcg@3"] for name in ("bpr", "warp"))
