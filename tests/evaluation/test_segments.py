"""Segments: they cover those measured once, their numbers are those of the parts, and what makes none is refused."""

import numpy as np
import pytest

from recmagic.errors import DataError
from recmagic.evaluation.differences import differences, intervals
from recmagic.evaluation.evaluate import Evaluation
from recmagic.evaluation.measure import measure
from recmagic.evaluation.segments import most_frequent, segments
from recmagic.evaluation.task import Task
from tests.evaluation.conformance import small_data


class Guesses:
    """Scores at random."""

    ranks_cold = True

    def __init__(self, data):
        self.scores = np.random.default_rng(0).random((data.users.count + 1, data.items.count + 1))

    def score(self, user_rows):
        return self.scores[user_rows]


@pytest.fixture(scope="module")
def data():
    return small_data()


@pytest.mark.parametrize("by, side, count", [("activity", "user", 1), ("popularity", "item", 10)])
def test_each_row_is_in_one_segment(data, by, side, count):
    task = Task.of(data, "test")
    found = segments(data, task, by)
    wanted = np.unique(task.users if side == "user" else task.relevant.indices)
    assert len(found) >= count and all(each.side == side for each in found)
    assert (sum(each.rows.astype(int) for each in found)[wanted] == 1).all()


def test_a_report_by_activity_adds_up_to_the_whole(data):
    report = measure({"guesses": Guesses(data)}, data, k=5, by="activity")
    rows = [row for row in report.segments if row.model == "guesses"]
    mean = sum(row.users * row.values["ndcg@5"] for row in rows) / sum(row.users for row in rows)
    assert mean == pytest.approx(report.rows[0].values["ndcg@5"])
    assert "ndcg@5 by activity" in repr(report) and "ndcg@5 by activity" in report._repr_html_()
    assert set(report.df["of"]) >= {row.of for row in rows}


def test_a_report_by_popularity_counts_only_items_of_the_segment(data):
    report = measure({"guesses": Guesses(data)}, data, k=5, by="popularity")
    task = Task.of(data, "test")
    first = segments(data, task, "popularity")[0]
    users = np.unique(task.relevant.tocoo().row[first.rows[task.relevant.tocoo().col]])
    assert report.segments[0].of == first.name and report.segments[0].users == len(users)


@pytest.mark.parametrize("by", ["activty", "user_id"])
def test_what_makes_no_segments_is_refused(data, by):
    with pytest.raises(DataError, match=by):
        segments(data, Task.of(data, "test"), by)


def test_verdicts_are_words_and_what_is_not_good_or_bad_is_higher_or_lower():
    rng, users = np.random.default_rng(0), np.arange(1, 201, dtype=np.int32)
    base = rng.random(200)
    labels = {"ndcg@5": 0.3, "popularity@5": 0.3, "recall@5": 0.0}
    first = Evaluation(users, np.ones(200, bool), dict.fromkeys(labels, base))
    second = Evaluation(users, np.ones(200, bool), {
        label: base + gap + rng.normal(0, 0.1, 200) for label, gap in labels.items()})
    words = {each.metric: each.verdict for each in differences({"a": first, "b": second}, 500, 0)}
    assert words["ndcg@5"] == "better" and words["popularity@5"] == "higher"
    low, high = intervals({"a": first})["a", "ndcg@5"]
    assert low < base.mean() < high


def test_the_unknown_code_is_never_the_most_frequent():
    assert most_frequent(np.array([[0, 0], [2, 0], [2, 1], [0, 3]], np.int32), 2) == [2, 1]
    assert most_frequent(np.zeros((3, 1), np.int32), 2) == []
