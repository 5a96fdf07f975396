"""Who is evaluated, what is hidden and what is relevant, on small data written out by hand."""

from __future__ import annotations

from dataclasses import replace
from gc import collect
from weakref import ref

import numpy as np
import pandas as pd
import pytest

from recmagic.data.dataset import Dataset
from recmagic.errors import DataError, ModelError
from recmagic.evaluation.evaluate import evaluate
from recmagic.evaluation.measure import measure
from recmagic.evaluation.ranking import selections
from recmagic.evaluation.task import Task

TRAIN, VALID, TEST = "train", "valid", "test"
ROWS = [
    # user, item, rating, part: ann has a past, bob none at all, cat tests only what nobody has trained
    ("ann", "x", 5.0, TRAIN), ("ann", "y", 1.0, VALID), ("ann", "z", 5.0, TEST), ("ann", "w", 2.0, TEST),
    ("cat", "y", 5.0, TRAIN), ("cat", "z", 4.0, TRAIN), ("cat", "x", 4.0, VALID), ("cat", "new", 5.0, TEST),
    ("bob", "x", 5.0, TEST), ("bob", "z", 4.0, TEST),
    ("dan", "w", 5.0, TRAIN), ("dan", "z", 1.0, TEST),
]  # fmt: skip


@pytest.fixture
def data() -> Dataset:
    frame = pd.DataFrame(ROWS, columns=["user_id", "item_id", "rating", "split"])
    return Dataset.load(frame, positive="rating >= 4", split="file")


class Fixed:
    """Scores items by a table of their ids, for every user alike."""

    def __init__(self, data: Dataset, scores: dict[str, float], ranks_cold: bool = True) -> None:
        self.ranks_cold = ranks_cold
        self.row = np.array([0.0, *(scores[name] for name in data.items.ids[1:])])

    def score(self, user_rows: np.ndarray) -> np.ndarray:
        return np.tile(self.row, (len(user_rows), 1))


def names(data: Dataset, mask: np.ndarray) -> set:
    return {data.items.ids[row] for row in np.flatnonzero(mask) if row}


def test_users_with_a_positive_in_the_part_are_evaluated(data: Dataset) -> None:
    task = Task.of(data)
    assert [data.users.ids[row] for row in task.users] == [name for name in data.users.ids[1:] if name != "dan"]
    assert task.left_out == 1  # dan: what he met in the test was no positive
    warm = dict(zip((data.users.ids[row] for row in task.users), task.warm_users))
    assert warm == {"ann": True, "bob": False, "cat": True}


def test_the_history_is_hidden_positive_or_not(data: Dataset) -> None:
    ann = data.users.rows(["ann"])
    shape = (1, data.items.count + 1)
    assert names(data, Task.of(data).hidden(ann, True).mask(shape)[0]) == {"x", "y"}
    assert names(data, Task.of(data, "test").hidden(ann, False).mask(shape)[0]) == {"x", "y", "new"}
    assert names(data, Task.of(data, "valid").hidden(data.users.rows(["cat"]), True).mask(shape)[0]) == {"y", "z"}
    assert names(data, Task.of(data, include_seen=True).hidden(ann, True).mask(shape)[0]) == set()
    assert Task.of(data).hidden(ann, True).mask(shape)[0, 0]


def test_a_task_is_set_once_and_kept_while_its_data_is_there(data: Dataset) -> None:
    other = replace(data, name="other")
    assert Task.of(data) is Task.of(data) is not Task.of(other)
    tasks = [Task.of(data), Task.of(data, "valid"), Task.of(data, include_seen=True)]
    assert [(task.on, task.seen is None) for task in tasks] == [("test", False), ("valid", False), ("test", True)]
    gone = ref(Task.of(other))
    del other
    collect()
    assert gone() is None


def test_relevant_items_are_padded_to_one_width(data: Dataset) -> None:
    relevant = Task.of(data).relevant_items(data.users.rows(["bob", "ann"]))
    assert sorted(data.items.ids[row] for row in relevant[0]) == ["x", "z"]
    assert [data.items.ids[relevant[1, 0]], relevant[1, 1]] == ["z", -1]


def test_metrics_by_hand(data: Dataset) -> None:
    scorer = Fixed(data, {"x": 5, "z": 4, "w": 3, "new": 2, "y": 1})
    found = evaluate(scorer, data, k=1, metrics=("recall", "hit_rate"))
    by_user = dict(zip((data.users.ids[row] for row in found.users), found.per_user["recall@1"]))
    assert by_user == {"ann": 1.0, "bob": 0.5, "cat": 0.0}  # lists: z | x | w
    assert found.means["recall@1"] == pytest.approx(0.5)
    assert found.means_of(found.warm_users)["recall@1"] == pytest.approx(0.5)
    assert found.cold_items is not None and found.cold_items.means == {"recall@1": 0.0, "hit_rate@1": 0.0}


def test_cold_items_are_missed_by_a_scorer_that_cannot_rank_them(data: Dataset) -> None:
    scores = {"x": 5, "z": 4, "w": 3, "new": 9, "y": 1}
    blind = evaluate(Fixed(data, scores, ranks_cold=False), data, k=5, metrics=("recall",))
    by_user = dict(zip((data.users.ids[row] for row in blind.users), blind.per_user["recall@5"]))
    assert by_user == {"ann": 1.0, "bob": 1.0, "cat": 0.0}
    assert blind.cold_items is None
    seeing = evaluate(Fixed(data, scores), data, k=1, metrics=("recall",))
    assert seeing.cold_items is not None and seeing.cold_items.means["recall@1"] == 1.0


def test_an_item_in_both_history_and_part_is_not_relevant_unless_seen_items_are_listed(data: Dataset) -> None:
    ann, bob = data.users.rows(["ann", "bob"])
    item = data.interactions.item_row.copy()
    item[(data.interactions.user_row == ann) & (item == data.items.rows(["z"])[0])] = data.items.rows(["x"])[0]
    again = replace(data, interactions=replace(data.interactions, item_row=item))  # ann takes x a second time
    assert ann not in Task.of(again).users and bob in Task.of(again).users
    assert ann in Task.of(again, include_seen=True).users


def test_a_list_ends_in_item_0_where_nothing_is_left(data: Dataset) -> None:
    task, scorer = Task.of(data), Fixed(data, {"x": 5, "z": 4, "w": 3, "new": 2, "y": 1}, ranks_cold=False)
    ann = data.users.rows(["ann"])
    ((_, found),) = selections(scorer, ann, lambda rows: task.hidden(rows, False), k=4)
    assert found.items[0].tolist() == [*data.items.rows(["z", "w"]), 0, 0]


def test_mistakes_are_named(data: Dataset) -> None:
    with pytest.raises(DataError, match="no part 'train'"):
        Task.of(data, "train")
    nothing = Dataset.load(
        pd.DataFrame(ROWS, columns=["user_id", "item_id", "rating", "split"]), positive="rating > 5", split="file"
    )
    with pytest.raises(DataError, match="no relevant item"):
        Task.of(nothing)
    with pytest.raises(ModelError, match="not numbers"):
        evaluate(Fixed(data, dict.fromkeys(["x", "y", "z", "w", "new"], float("nan"))), data)
    with pytest.raises(ModelError, match=r"'recal' is not a metric.\n  Did you mean recall"):
        evaluate(Fixed(data, dict.fromkeys(["x", "y", "z", "w", "new"], 1.0)), data, metrics=("recal",))


def test_the_report_tells_cold_ones_apart(data: Dataset) -> None:
    scorer = Fixed(data, {"x": 5, "z": 4, "w": 3, "new": 2, "y": 1}, ranks_cold=False)
    report = measure({"fixed": scorer}, data, k=1)
    of = [(row.model, row.of, row.users) for row in report.rows]
    assert of[:3] == [("fixed", "all users", 3), ("fixed", "warm users", 2), ("fixed", "cold users", 1)]
    assert ("Popularity", "cold items", 1) in of
    counts = report.counts
    assert (counts.users, counts.users_left_out, counts.cold_users, counts.cold_relevant_items) == (3, 1, 1, 1)
    assert "3 users evaluated, 1 of them cold" in repr(report) and "1 cold items are never listed" in repr(report)
