"""Typed columns: the kind that is inferred, what each kind encodes to, and new values encoded the same way."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recmagic.data import cells, conditions
from recmagic.data.buckets import buckets
from recmagic.data.dataset import Dataset
from recmagic.data.encoding import encode_frame
from recmagic.data.kinds import infer_kinds
from recmagic.data.lookup import Lookup, learn
from recmagic.data.text import tokens, words
from recmagic.errors import DataError

ALL = np.ones(4, dtype=bool)


def column_of(raw, kind, training=ALL, name="column"):
    return encode_frame(pd.DataFrame({name: raw}), {name: kind}, "item", training)[name]


@pytest.mark.parametrize(("raw", "kind"), [
    ([1, 2, 3, 4], "number"), ([1.5, None, 3, 4], "number"), ([True, False, True, True], "category"),
    (["red", "blue", None, "red"], "category"), (["a|b", "b", None, "c"], "multi"),
    ([["a"], ["b", "c"], [], None], "multi"),
    (["A long story", "Another one", "And a third", "One more"], "text"),
    (["2024-01-01", "2024-02-01", None, "2024-03-01"], "date"), (["01-Jan-1995", "02-Feb-1996", None, ""], "date"),
    (pd.to_datetime(["2024-01-01"] * 4), "date"),
])
def test_kinds_are_inferred_from_values(raw, kind):
    assert infer_kinds(pd.DataFrame({"column": raw}), {}) == {"column": kind}


@pytest.mark.parametrize(("texts", "kind"), [
    (["red;eco", "blue", "eco;blue;red", "red"] * 3, "multi"),
    (["red, eco", "blue", "eco, blue, red", "red"] * 3, "multi"),
    (["Oslo, Norway", "Bergen, Norway", "Rome, Italy", "Oslo, Norway"] * 3, "category"),
    ([f"Once, long ago; he number {n} came, saw and left" for n in range(12)], "text"),
])
def test_lists_are_told_from_sentences_and_from_places(texts, kind):
    assert infer_kinds(pd.DataFrame({"column": texts}), {}) == {"column": kind}


@pytest.mark.parametrize(("texts", "numbers"), [
    (["17.54", "50,88", "3", None], [17.54, 50.88, 3, np.nan]),
    (["1,5", "2,25", "-3,0", None], [1.5, 2.25, -3, np.nan]),
    (["1,234", "12,5", "7", "8"], [1.234, 12.5, 7, 8])])
def test_a_comma_may_be_the_point_of_a_number(texts, numbers):
    raw = pd.Series(texts, dtype=object)
    assert infer_kinds(pd.DataFrame({"column": raw}), {}) == {"column": "number"}
    np.testing.assert_array_equal(cells.numbers(raw, "column"), numbers)
    frame = pd.DataFrame({"column": texts})
    assert conditions.holds("column > 10", frame, {}, "keep").tolist() == [bool(each > 10) for each in numbers]


def test_a_comma_that_may_part_thousands_is_refused():
    with pytest.raises(DataError, match="'1,234' is not a number"):
        cells.numbers(pd.Series(["1,234", "12,345"]), "column")


def test_what_may_not_have_been_meant_is_noted():
    log = pd.DataFrame({"user": ["Ann", "ann ", "Bob", "Cleo"] * 3, "item": list("aaaabbbbcccc"),
                        "paid": ["1.5", "2,50", "3", "4.25"] * 3})
    told = " ".join(Dataset.load(log, split="last").warnings)
    assert "2 of 4 user ids differ from another one by capitals or blanks alone, such as 'Ann' and 'ann '" in told
    assert "'paid' has numbers with a comma for their point: 2,50 is read as 2.50." in told
    assert not Dataset.load(log.assign(user=[1, 2, 3, 4] * 3, paid=1), split="random").warnings


def test_an_item_is_named_by_a_column_of_any_spelling():
    rows = pd.DataFrame({"user": [1, 1, 1, 2, 2, 2], "sku": ["a", "b", "c"] * 2})
    items = pd.DataFrame({"sku": ["a", "b", "c"], "Product Name": ["Apple pie", "Bread roll", "Corn flakes"]})
    assert Dataset.load(rows, items=items, split="last").items.label == "Product Name"


def test_titles_may_have_any_name():
    rows = pd.DataFrame({"user": [1, 1, 1, 2, 2, 2], "sku": ["a", "b", "c"] * 2})
    items = pd.DataFrame({"sku": ["a", "b", "c"], "Art": ["fine food", "fine food", "dry food"],
                          "Text": [f"{name} {'is a long story ' * 9}" for name in "abc"],
                          "Bezeichnung": ["Apple pie", "Bread roll", "Corn flakes"]})
    data = Dataset.load(rows, items=items, split="last")
    assert data.items.label == "Bezeichnung" and "items are named by Bezeichnung" in repr(data)
    assert data.items.named(["bread roll"]).tolist() == [2]


def test_numbers_that_are_codes_are_categories_and_empty_columns_are_left_out():
    frame = pd.DataFrame({"zip": [1, 2], "shop_id": [1, 2], "genre_code": [1, 2], "age": [1, 2], "empty": [None, None]})
    assert infer_kinds(frame, {}) == dict.fromkeys(("zip", "shop_id", "genre_code"), "category") | {"age": "number"}


def test_types_override_and_are_checked():
    table = pd.DataFrame({"user": [1] * 3 + [2] * 3, "item": [1, 2, 3] * 2})
    items = pd.DataFrame({"item": [1, 2, 3], "year": [1990, 1991, 1992], "tags": ["a, b", "b", "c"]})
    data = Dataset.load(table, items=items, types={"year": "category", "tags": "multi"}, split="last")
    assert data.column("year").kind == "category" and data.column("tags").values.shape == (4, 2)
    with pytest.raises(DataError, match="no kind of column 'mult'") as caught:
        Dataset.load(table, items=items, types={"tags": "mult"})
    assert "multi" in caught.value.hint
    with pytest.raises(DataError, match="no column 'tag'"):
        Dataset.load(table, items=items, types={"tag": "multi"})


def test_a_category_knows_training_values_alone():
    column = column_of(["b", "a", None, "z"], "category", np.array([True, True, True, False]))
    assert column.vocabulary == (None, "a", "b") and column.size == 3
    assert column.values.tolist() == [2, 1, 0, 0] and column.missing.tolist() == [False, False, True, False]
    assert column.encode(["a", "new", None]).tolist() == [1, 0, 0]


def test_several_values_a_row():
    column = column_of(["b|a", "", None, "z|b|c"], "multi", np.array([True, True, True, False]))
    assert column.vocabulary == (None, "a", "b")
    assert column.values.tolist() == [[2, 1, 0], [0, 0, 0], [0, 0, 0], [0, 2, 0]]
    assert column.missing.tolist() == [False, True, True, False]
    assert column.encode(["a | q", ["b", "b", "b", "b"]]).tolist() == [[1, 0, 0], [2, 2, 2]]
    lists = column_of([[3, 1], np.array([1]), None, []], "multi")
    assert lists.vocabulary == (None, 1, 3) and lists.values.tolist() == [[2, 1], [1, 0], [0, 0], [0, 0]]


def test_a_number_is_standardised_by_the_training_part_and_missing_is_the_mean():
    column = column_of([1.0, 3.0, np.inf, 100.0], "number", np.array([True, True, True, False]))
    assert (column.mean, column.deviation) == (2, 1)
    assert column.values.tolist() == [-1, 1, 0, 98] and column.missing.tolist() == [False, False, True, False]
    assert column.encode([None, "4", float("nan")]).tolist() == [0, 2, 0]
    assert column.originals()[[0, 1, 3]].tolist() == [1, 3, 100] and np.isnan(column.originals()[2])
    assert column_of([5, 5, 5, 5], "number").values.tolist() == [0, 0, 0, 0]
    with pytest.raises(DataError, match="Row 2, column 'column': 'x' is not a number"):
        column.encode(["1", "x"])


def test_a_date_is_a_number_and_its_parts_are_categories():
    raw = ["2024-01-01", "2024-03-05", None, "2025-03-05"]
    columns = encode_frame(pd.DataFrame({"released": raw}), {"released": "date"}, "item", ALL)
    assert list(columns) == ["released", "released_year", "released_month", "released_weekday"]
    assert columns["released"].originals()[0] == pytest.approx(pd.Timestamp("2024-01-01").timestamp(), abs=10)
    assert columns["released_year"].vocabulary == (None, 2024, 2025)
    assert columns["released_weekday"].vocabulary == (None, 0, 1, 2)
    assert columns["released_month"].encode(["1999-03-31", None]).tolist() == [2, 0]
    timed = encode_frame(pd.DataFrame({"at": ["2024-01-01 13:00", "2024-01-02"]}), {"at": "date"}, "item", ALL[:2])
    assert timed["at_hour"].vocabulary == (None, 0, 13)


def test_yes_and_no_can_be_a_target():
    assert column_of([True, False, None, True], "category").originals()[[0, 1, 3]].tolist() == [1, 0, 1]


def test_words_and_tokens_are_learnt_from_training_texts():
    training = np.array([True, True, True, False])
    column = column_of(["The cat's hat, the HAT", "A dog", None, "A new dog"], "text", training)
    bag = words(column, training)
    assert bag.kind == "multi" and bag.vocabulary == (None, "a", "cat's", "dog", "hat", "the")
    assert bag.values.tolist() == [[5, 2, 4], [1, 3, 0], [0, 0, 0], [1, 0, 3]]
    assert bag.missing.tolist() == [False, False, True, False]
    sequence = tokens(column, 4, training)
    assert sequence.values.tolist() == [[5, 2, 4, 5], [0, 0, 1, 3], [0, 0, 0, 0], [0, 1, 0, 3]]
    assert sequence.encode(["The dog", None]).tolist() == [[0, 0, 5, 3], [0, 0, 0, 0]]
    with pytest.raises(DataError, match="needs a text column"):
        words(column_of([1, 2, 3, 4], "number"), ALL)
    with pytest.raises(DataError, match="no room"):
        tokens(column, 0, training)


@given(st.lists(st.one_of(st.none(), st.integers(-50, 50)), min_size=1, max_size=40), st.integers(2, 6))
def test_buckets_hold_equal_shares_and_encode_as_they_were_learnt(raw, count):
    training = np.ones(len(raw), dtype=bool)
    column = column_of(pd.Series(raw, dtype=float), "number", training)
    category = buckets(column, count, training)
    assert category.kind == "category" and category.values.max(initial=0) < category.size <= count + 1
    assert (category.values == 0).tolist() == [value is None for value in raw]
    assert category.encode(raw).tolist() == category.values.tolist()
    pairs = sorted((value, code) for value, code in zip(raw, category.values.tolist()) if value is not None)
    assert [code for _, code in pairs] == sorted(code for _, code in pairs)
    if len(set(raw)) == len(raw) and None not in raw and len(raw) % count == 0:
        assert set(np.bincount(category.values)[1:]) == {len(raw) // count}


def test_a_value_on_an_edge_belongs_to_what_is_above_it():
    assert buckets(column_of([10, 20, 20, 40], "number"), 2, ALL).values.tolist() == [1, 2, 2, 2]


def test_buckets_say_what_they_hold_and_what_they_need():
    column = column_of([10, 20, 30, 40], "number")
    assert buckets(column, 2, ALL).vocabulary == (None, "below 25", "25 or more")
    with pytest.raises(DataError, match="needs a number"):
        buckets(column_of(["a", "b", "a", "b"], "category"), 3, ALL)
    with pytest.raises(DataError, match="parts nothing"):
        buckets(column, 1, ALL)


def test_a_missing_value_is_not_the_number_0():
    assert Lookup((None, 0, 7)).codes([0, None, 7.0, float("nan")]).tolist() == [1, 0, 2, 0]


@given(st.lists(st.one_of(st.integers(-9, 9), st.sampled_from(["a", "b", "7", "07", ""]), st.none())))
def test_every_value_that_was_learnt_is_found_again(raw):
    vocabulary = learn(raw)
    codes = Lookup(vocabulary).codes(raw)
    for value, code in zip(raw, codes):
        assert (code == 0) == (value in (None, ""))
        assert code == 0 or str(vocabulary[code]) == str(value)


def test_decimals_that_are_held_as_text_are_numbers_and_whole_ones_are_not():
    frame = pd.DataFrame({"price": ["17.54", "3", "0.5"], "zone": ["17", "3", "5"]})
    assert infer_kinds(frame, {}) == {"price": "number", "zone": "category"}


def test_a_time_that_nobody_named_is_told():
    log = pd.DataFrame({"user": [1, 2, 3] * 4, "item": range(12), "when": pd.date_range("2024-01-01", periods=12)})
    told = "'when' holds dates, and no column is taken for the time. If it is one, say so: --time when."
    assert told in Dataset.load(log).warnings
    assert not any("when" in each for each in Dataset.load(log, time="when").warnings)


def test_a_table_of_items_that_fits_nothing_says_how_it_differs():
    log = pd.DataFrame({"user": [1, 2, 3] * 4, "item": list("abcd") * 3})
    items = pd.DataFrame({"item": list("ABCD"), "colour": "red"})
    assert "4 of 4 items are not in the items table (it has 'A', the interactions have 'a'; write both in one way)" in (
        " ".join(Dataset.load(log, items=items, split="random").warnings))
