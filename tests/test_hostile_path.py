"""Hostile tables down the whole path: card, training, report, lists, reasons, saving. A result, or an error of ours."""

import math
import os
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

import recmagic
from recmagic.data.dataset import Dataset
from recmagic.errors import DataError, ModelError, RecmagicError
from recmagic.model import Model
from tests.data.hostile import Table, tables
from tests.data.test_hostile_tables import loaded

ALL = os.environ.get("RECMAGIC_ALL") == "1"
SOLVED = {"Popularity": "score = Popularity()", "EASE": "score = EASE(1.0)", "ItemKNN": "score = ItemKNN(5)",
          "Markov": "score = Markov()"}
WENT: Counter[str] = Counter()  # how many tables were refused at once, and how many went the whole way
TRAINED = """
user  = embedding(user_id, 4)
item  = embedding(item_id, 4)
score = user @ item + bias(item_id)
loss  = BPR()
negatives = uniform(1)
"""


def some(count: int, many: int) -> settings:
    return settings(max_examples=many if ALL else count, deadline=None, derandomize=True, database=None,
                    suppress_health_check=list(HealthCheck))


def assert_a_path(table: Table, cell: str, folder: Path) -> None:
    """Take a table down the path; whatever raises raises an error of ours, and what is listed can be listed."""
    try:
        data = loaded(table, folder)
    except RecmagicError:
        WENT["refused"] += 1
        return
    model = Model.read(cell, data, name="mine")
    model.train(epochs=1)
    report = model.evaluate(k=3)
    assert repr(report) and report._repr_html_()
    assert all(0 <= value <= 1 for value in report.df["ndcg@3"])
    lists = model.recommend(k=3)
    assert repr(lists) and lists._repr_html_()
    _check_lists(data, lists.df, all_items=cell != TRAINED)  # one that is trained knows items by their id
    if "Popularity" in cell:
        _check_popular(data, lists.df)
    user, item = data.users.ids[1], data.items.ids[-1]
    try:
        assert repr(model.explain(user, item))
    except (ModelError, DataError) as error:
        assert error._render_traceback_()
    WENT["whole"] += 1
    again = recmagic.load(model.save(folder / "kept.zip"))
    assert again.data.fingerprint == data.fingerprint
    assert again.recommend(k=3).df.astype(str).equals(lists.df.astype(str))


def _check_lists(data: Dataset, listed: object, all_items: bool) -> None:
    log = data.interactions
    known = {(data.users.ids[user], data.items.ids[item]) for user, item in zip(log.user_row, log.item_row)}
    pairs = list(zip(listed["user_id"], listed["item_id"]))
    assert not known.intersection(pairs) and len(set(pairs)) == len(pairs)
    assert {item for _, item in pairs} <= set(data.items.ids[1:]) and all(map(math.isfinite, listed["score"]))
    left = dict.fromkeys(data.users.ids[1:], data.items.count)
    for user, _ in known:
        left[user] -= 1
    lengths, most = Counter(user for user, _ in pairs), Counter({user: min(3, count) for user, count in left.items()})
    assert lengths == +most if all_items else lengths <= most


def _check_popular(data: Dataset, listed: object) -> None:
    counts = Counter(data.items.ids[row] for row in data.interactions.item_row)
    log = data.interactions
    known = Counter((data.users.ids[user], data.items.ids[item]) for user, item in zip(log.user_row, log.item_row))
    for user, rows in listed.groupby("user_id"):
        best = sorted((counts[item] for item in data.items.ids[1:] if (user, item) not in known), reverse=True)
        assert [counts[item] for item in rows["item_id"]] == best[:3]


@pytest.mark.parametrize("name", SOLVED)
def test_a_solved_model_over_any_table(name: str) -> None:
    @some(8, 60)
    @given(tables())
    def holds(table: Table) -> None:
        with tempfile.TemporaryDirectory() as folder:
            assert_a_path(table, SOLVED[name], Path(folder))

    holds()


@some(3, 20)
@given(tables())
def test_a_trained_model_over_any_table(table: Table) -> None:
    with tempfile.TemporaryDirectory() as folder:
        assert_a_path(table, TRAINED, Path(folder))


def test_many_of_these_tables_went_the_whole_way() -> None:
    print(dict(WENT))
    assert WENT["whole"] >= WENT["refused"] / 2, WENT
