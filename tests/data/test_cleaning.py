"""Cleaning: what is dropped, why, and that the account adds up."""

from collections import Counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recmagic.data.cleaning import Cleaning, clean, enough
from recmagic.data.dataset import Dataset
from recmagic.errors import DataError

PAIRS = st.lists(st.tuples(st.integers(1, 6), st.integers(1, 6)), min_size=1, max_size=50)


def table_of(pairs):
    return pd.DataFrame(pairs, columns=["user_id", "item_id"])


@given(PAIRS, st.integers(0, 4), st.integers(0, 4))
def test_the_core_is_the_largest_in_which_all_have_enough(pairs, min_user, min_item):
    stays = enough(table_of(pairs), min_user, min_item)
    left = list(pairs)
    while True:  # drop the rows of one side at a time, as slowly as can be
        users, items = Counter(user for user, _ in left), Counter(item for _, item in left)
        fewer = [(u, i) for u, i in left if users[u] >= min_user and items[i] >= min_item]
        if len(fewer) == len(left):
            break
        left = fewer
    assert Counter(pair for pair, stay in zip(pairs, stays) if stay) == Counter(left)


@given(PAIRS, st.sampled_from(["first", "last"]))
def test_one_row_a_pair_stays_and_the_account_adds_up(pairs, duplicates):
    table = table_of(pairs).assign(timestamp=[float(place % 3) for place in range(len(pairs))])
    cleaned, account = clean(table, Cleaning(duplicates=duplicates), {})
    assert len(cleaned) + sum(line.dropped for line in account) == len(table)
    assert cleaned.index.is_monotonic_increasing
    choose = min if duplicates == "first" else max
    for pair in set(pairs):
        rows = [place for place, each in enumerate(pairs) if each == pair]
        kept = cleaned[(cleaned["user_id"] == pair[0]) & (cleaned["item_id"] == pair[1])].index.tolist()
        assert kept == [choose(rows, key=lambda place: (place % 3, place))]


def test_summing_duplicates_adds_ratings_or_counts_rows():
    table = pd.DataFrame({"user_id": [1, 1, 1, 2], "item_id": [1, 1, 2, 1], "rating": [2.0, 3.0, 4.0, 5.0]})
    summed, account = clean(table, Cleaning(duplicates="sum"), {})
    assert summed["rating"].tolist() == [5, 4, 5] and account[0].dropped == 1
    counted, _ = clean(table.drop(columns="rating"), Cleaning(duplicates="sum"), {})
    assert counted["rating"].tolist() == [2, 1, 1]


def test_rows_without_user_item_rating_or_time_are_dropped_with_an_account():
    table = pd.DataFrame({
        "user_id": [1, None, 1, 1, 1, 2], "item_id": ["a", "b", "", "c", "d", "a"],
        "rating": [1, 1, 1, np.inf, 2, 3.0], "timestamp": [1, 1, 1, 1, None, 2.0],
    })
    table["rating"] = table["rating"].where(np.isfinite(table["rating"]))
    cleaned, account = clean(table, Cleaning(), {})
    assert cleaned.index.tolist() == [0, 5]
    assert [(line.why, line.dropped) for line in account] == [
        ("no user", 1), ("no item", 1), ("no rating", 1), ("no time", 1)]


def test_keep_drops_and_positive_marks():
    table = pd.DataFrame({"user": [1] * 6 + [2] * 6, "item": list(range(6)) * 2, "rating": [1, 2, 3, 4, 5, 5] * 2})
    data = Dataset.load(table, keep="rating >= 3", positive="rating >= 5", split="random")
    assert len(data.interactions) == 8 and data.interactions.positive.sum() == 4
    assert data.interactions.seen(["train", "valid", "test"]).nnz == 8
    assert [(line.what, line.why, line.dropped) for line in data.account] == [("interactions", "not rating >= 3", 4)]
    assert Dataset.load(table).interactions.positive.all()


def test_nothing_left_shows_the_account():
    table = table_of([(1, 1), (1, 2), (2, 1)]).assign(rating=[1, 2, 3])
    with pytest.raises(DataError, match=r"No interaction is left after cleaning \(2 not rating >= 3; 1 a user with"):
        Dataset.load(table, keep="rating >= 3", min_user=2)


def test_an_empty_table_and_an_unknown_choice():
    with pytest.raises(DataError, match="is empty"):
        Dataset.load(table_of([]))
    with pytest.raises(DataError, match="Did you mean last"):
        Dataset.load(table_of([(1, 1)]), duplicates="lst")
