"""Recommendations as a table, as text, as escaped HTML and as a Parquet file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from recmagic.data.dataset import Dataset
from recmagic.errors import DataError
from recmagic.evaluation.liked import liked_items
from recmagic.evaluation.recommendations import Recommendations


@pytest.fixture
def data() -> Dataset:
    frame = pd.DataFrame(
        {
            "user_id": ["ann", "ann", "ann", "bob", "bob", "bob"],
            "item_id": [1, 2, 3, 3, 4, 1],
            "rating": [5.0, 3, 5, 4, 2, 1],
            "timestamp": [1, 2, 3, 1, 2, 3],
        }
    )
    items = pd.DataFrame(
        {
            "item_id": [1, 2, 3, 4],
            "title": ["Alien", "<img src=x onerror=alert(1)>", "Café", "Dune"],
            "genres": ["Horror|Sci-Fi", "Drama", "Drama|War", "Sci-Fi, War"],
            "year": [1979, 1980, None, 2021],
            "score": [1.0, 2.0, 3.0, 4.0],
        }
    )
    return Dataset.load(frame, items=items, split="last", positive="rating >= 3", types={"genres": "multi"})


@pytest.fixture
def lists(data: Dataset) -> Recommendations:
    rows = data.items.rows
    items = np.array([rows([4, 2]), [rows([2])[0], 0]], dtype=np.int32)
    scores = np.array([[1.5, -0.5], [2.0, -np.inf]], np.float32)
    return Recommendations(np.array(["ann", "bob"], dtype=object), items, scores, data, model="two_tower")


def test_df(lists: Recommendations) -> None:
    table = lists.df
    assert list(table.columns) == ["user_id", "item_id", "score", "rank", "title", "genres", "year", "item_score"]
    assert table[["user_id", "item_id", "score", "rank", "item_score"]].values.tolist() == [
        ["ann", 4, 1.5, 1, 4.0], ["ann", 2, -0.5, 2, 2.0], ["bob", 2, 2.0, 1, 2.0],
    ]  # fmt: skip
    assert table["item_id"].dtype == np.int64 and table["score"].dtype == np.float32


def test_an_empty_list_has_the_same_columns(lists: Recommendations) -> None:
    empty = replace(lists, items=np.zeros((2, 2), np.int32))
    assert list(empty.df.columns) == list(lists.df.columns) and len(empty.df) == 0
    assert "ann" in empty._repr_html_()


def test_text(lists: Recommendations) -> None:
    assert repr(lists).splitlines() == [
        "Recommendations by two_tower for 2 users",
        "user_id  rank  item                            score",
        "ann         1  Dune                           1.5000",
        "ann         2  <img src=x onerror=alert(1)>  -0.5000",
        "bob         1  <img src=x onerror=alert(1)>   2.0000",
    ]


def test_html_shows_titles_facts_bars_and_what_was_liked(lists: Recommendations) -> None:
    page = lists._repr_html_()
    assert "<img" not in page and "&lt;img src=x" in page
    for text in ("Dune", "Sci-Fi, War", ">2021<", "█", "Recommended by two_tower for user ann"):
        assert text in page
    assert "Liked before: Café, Alien, " in page


def test_of_many_users_a_few_are_shown(lists: Recommendations) -> None:
    many = replace(
        lists,
        user_ids=np.repeat(lists.user_ids, 50),
        items=lists.items.repeat(50, 0),
        scores=lists.scores.repeat(50, 0),
    )
    assert many._repr_html_().count("<table") == 5 and "95 more users" in many._repr_html_()
    assert "and 130 more rows" in repr(many)


def test_liked_items_are_positives_best_first_then_latest(data: Dataset) -> None:
    assert data.items.ids[liked_items(data, "ann")].tolist() == [3, 1, 2]
    assert data.items.ids[liked_items(data, "bob")].tolist() == [3]
    assert len(liked_items(data, "nobody")) == 0


def test_a_new_user_shows_what_was_given(lists: Recommendations, data: Dataset) -> None:
    new = replace(
        lists, user_ids=np.array(["new user", "b"], dtype=object), liked=[data.items.rows([4]), data.items.rows([])]
    )
    assert "Liked before: Dune" in new._repr_html_()


def test_parquet_holds_what_df_holds(lists: Recommendations, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recmagic.evaluation.writing.BLOCK", 1)
    path = lists.write(tmp_path / "it's here.parquet")
    read = duckdb.read_parquet(str(path)).df()
    want = lists.df
    assert list(read.columns) == list(want.columns)
    for name in want.columns:
        pd.testing.assert_series_equal(read[name], want[name], check_dtype=False)


def test_a_csv_holds_what_df_holds_and_no_formula(lists: Recommendations, tmp_path: Path) -> None:
    frame = lists.data.items.frame
    label = str(lists.data.items.label)
    hostile = replace(lists.data.items, frame=frame.assign(**{label: '=HYPERLINK("x"), and "more"'}))
    found = replace(lists, data=replace(lists.data, items=hostile))
    read = pd.read_csv(found.write(tmp_path / "lists.csv"))
    assert read["item_id"].tolist() == found.df["item_id"].tolist() and list(read.columns) == list(found.df.columns)
    assert set(read[label]) == {"'=HYPERLINK(\"x\"), and \"more\""}


def test_no_other_kind_of_file_is_written(lists: Recommendations, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="written as Parquet or CSV") as caught:
        lists.write(tmp_path / "lists.xlsx")
    assert "lists.parquet" in str(caught.value) and not list(tmp_path.iterdir())


def test_a_folder_that_is_not_there_is_named(lists: Recommendations, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="Cannot write"):
        lists.write(tmp_path / "no" / "lists.parquet")
