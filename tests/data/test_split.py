"""The splits: who lands in which part, by hand and for any data, and that ties keep the file's order."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recmagic.data.dataset import Dataset
from recmagic.data.split import TEST, TRAIN, VALID, Sorted, by_last, by_random, by_time, by_user, split
from recmagic.errors import DataError

EVENTS = st.lists(st.tuples(st.integers(1, 8), st.integers(0, 5)), min_size=1, max_size=60)


def rows_of(events):
    """Sort (user, time) pairs as a Dataset does; the order is their place in the list."""
    user, time = (np.array(column) for column in zip(*events))
    order = np.lexsort((time, user))
    return Sorted(user[order].astype(np.int32), time[order].astype(float), order)


def test_last_tests_the_last_and_validates_the_one_before():
    rows = rows_of([(1, 0), (1, 1), (1, 2), (1, 3), (2, 5), (2, 6), (3, 1)])
    assert by_last(rows).tolist() == [TRAIN, TRAIN, VALID, TEST, TRAIN, TRAIN, TRAIN]


@given(EVENTS)
def test_time_cuts_all_events_8_1_1_and_breaks_ties_by_the_file(events):
    rows = rows_of(events)
    part = by_time(rows)
    places = sorted(range(len(events)), key=lambda place: (events[place][1], place))
    expected = dict.fromkeys(places[: int(len(events) * 0.8)], TRAIN)
    expected |= dict.fromkeys(places[int(len(events) * 0.8): int(len(events) * 0.9)], VALID)
    assert [expected.get(place, TEST) for place in rows.order] == part.tolist()


@given(EVENTS, st.integers(0, 3))
def test_random_gives_each_user_a_tenth_and_at_least_one_of_three(events, seed):
    rows = rows_of(events)
    part = by_random(rows, seed)
    assert part.tolist() == by_random(rows, seed).tolist()
    for user in np.unique(rows.user_row):
        sizes = np.bincount(part[rows.user_row == user], minlength=3).tolist()
        count = sum(sizes)
        held = max(count // 10, 1)
        assert sizes == [count - (count > 1) * held - (count > 2) * held, (count > 2) * held, (count > 1) * held]


@given(EVENTS, st.integers(0, 3))
def test_user_holds_out_whole_users(events, seed):
    rows = rows_of(events)
    part = by_user(rows, seed)
    for user in np.unique(rows.user_row):
        assert len(set(part[rows.user_row == user].tolist())) == 1


def test_random_is_drawn_by_the_seed():
    rows = rows_of([(user, time) for user in range(1, 9) for time in range(20)])
    assert by_random(rows, 0).tolist() != by_random(rows, 1).tolist()
    assert by_user(rows_of([(u, 0) for u in range(1, 40)]), 0).tolist() != by_user(
        rows_of([(u, 0) for u in range(1, 40)]), 1).tolist()


def test_without_a_name_time_where_the_test_users_have_a_past_else_last_and_says_so():
    steady = rows_of([(user, time) for user in range(1, 9) for time in range(20)])
    assert split(steady, None, 0)[1:] == ("time", [])
    comers = rows_of([(user, 20 * user + time) for user in range(1, 9) for time in range(20)])
    name, warnings = split(comers, None, 0)[1:]
    assert name == "last" and "only 0% of the test users have a past" in warnings[0]
    assert split(Sorted(steady.user_row, None, steady.order), None, 0)[1] == "random"


def test_many_ties_in_time_are_told():
    rows = rows_of([(user, time // 2) for user in range(1, 9) for time in range(20)])
    assert "52.6% of a user's neighbouring events share their time" in split(rows, "last", 0)[2][0]


def test_ties_keep_the_order_of_the_file_in_the_dataset():
    table = pd.DataFrame({"user": [1, 2] * 6, "item": [9, 1, 8, 2, 7, 3, 6, 4, 5, 5, 4, 6], "time": [7] * 12})
    data = Dataset.load(table, split="last")
    assert data.items.ids[data.interactions.item_row].tolist() == [9, 8, 7, 6, 5, 4, 1, 2, 3, 4, 5, 6]
    assert data.items.ids[data.interactions.item_row[data.interactions.part == TEST]].tolist() == [4, 6]


def test_a_given_split_is_taken_from_its_column():
    table = pd.DataFrame({"user": [1, 1, 1, 2], "item": [1, 2, 3, 1], "split": ["train", "valid", "test", "train"]})
    data = Dataset.load(table, split="file")
    assert data.interactions.part.tolist() == [TRAIN, VALID, TEST, TRAIN] and "split" not in data.columns
    without = Dataset.load(table.assign(split=["train", "train", "test", "train"]), split="file")
    assert "no validation part" in without.warnings[0]
    with pytest.raises(DataError, match="Row 2, column 'split': 'tst' is no part"):
        Dataset.load(table.assign(split=["train", "tst", "test", "train"]), split="file")


@pytest.mark.parametrize(("name", "message"), [
    ("tme", "Did you mean time"), ("time", "needs timestamps"), ("file", "there is none"),
    ("last", "The validation part of the split 'last' is empty"),
])
def test_a_split_that_cannot_be_says_what_to_do(name, message):
    with pytest.raises(DataError, match=message) as caught:
        Dataset.load(pd.DataFrame({"user": [1, 1, 2], "item": [1, 2, 1]}), split=name)
    assert caught.value.hint
