"""Single cells, names and files that once ended in a bare traceback or in a wrong answer; each is a fault mended."""

import datetime as dt
from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from recmagic.data.cells import moment_text, numbers, seconds
from recmagic.data.dataset import Dataset
from recmagic.data.encoders import Lists, Numbers
from recmagic.data.lookup import Lookup, learn
from recmagic.data.opening import read_table
from recmagic.errors import DataError

BIG = 10**18
HALF = "half \ud83c"


def nine(**columns):
    """Return three users with three items each, and the columns given (three cells, again and again)."""
    return pd.DataFrame({"user": [1] * 3 + [2] * 3 + [3] * 3, "item": list("abc") * 3} | {
        name: pd.Series(list(cells) * 3, dtype=object) for name, cells in columns.items()})


def load(table, **options):
    return Dataset.load(table, split="last", **options)


@pytest.mark.parametrize(("cells", "ids"), [
    ([BIG, BIG + 1, None], [BIG, BIG + 1]),
    ([2**63 - 1, 2**63, 2**64], ["18446744073709551616", "9223372036854775807", "9223372036854775808"]),
    ([1, 1.0, "1"], ["1"]), ([1.5, 2.0, Decimal("2.00")], ["1.5", "2"]), ([3.0, np.inf, np.nan], [3]),
    ([dt.date(2024, 1, 2), dt.datetime(2024, 1, 2), "2024-01-02"], ["2024-01-02"]), ([HALF, "a", ""], ["a", HALF]),
])
def test_ids_are_kept_exactly_and_one_thing_has_one_id(cells, ids):
    vocabulary = learn(cells)
    assert list(vocabulary[1:]) == ids
    assert [vocabulary[code] for code in Lookup(vocabulary).codes(pd.Series(ids, dtype=object))] == ids


def test_whole_numbers_of_64_bits_stay_apart_in_every_dtype():
    for dtype in ("Int64", "int64[pyarrow]", "UInt64", "uint64[pyarrow]", object):
        column = pd.Series([BIG, BIG + 1, None], dtype=dtype)
        assert learn(column) == (None, BIG, BIG + 1), dtype
    assert learn(pd.Series([2**64 - 1, 2**64 - 2], dtype="uint64"))[1:] == (str(2**64 - 2), str(2**64 - 1))
    assert learn(pd.Series([2, 1, None], dtype="category")) == (None, 1, 2)


def test_a_text_finds_a_large_whole_number_exactly():
    lookup = Lookup((None, 5, BIG, BIG + 1))
    assert lookup.codes([str(BIG + 1), " 5 ", "5.0", str(10**30), "5.5", "1_0", HALF]).tolist() == [3, 1, 1, 0, 0, 0, 0]
    fractions = Lookup(learn([1.0, 2.5]))
    assert fractions.codes([1.0]).tolist() == fractions.codes(["1"]).tolist() == [1]


@pytest.mark.parametrize(("cell", "why"), [
    (1e18, r"1e\+18 is a fraction, and past 2\*\*53"), ({"id": 3}, "{'id': 3} is no id"), ([3], r"\[3\] is no id"),
])
@pytest.mark.parametrize("side", ["user", "item"])
def test_what_cannot_be_told_apart_is_no_id(cell, why, side):
    table = nine(other=[1, 2, cell]).rename(columns={side: "old", "other": side})
    with pytest.raises(DataError, match=f"Row 3, column '{side}': {why}"):
        load(table)
    with pytest.raises(DataError, match=f"Row 2, column 'item': {why}"):
        load(nine(), items=pd.DataFrame({"item": pd.Series(["a", cell], dtype=object), "year": 1}))


@pytest.mark.parametrize("where", ["item", "title", "other"])
def test_half_a_character_is_refused_where_it_stands(where):
    table, items = nine(other=["x", "y", "z"]), pd.DataFrame({"item": list("abc"), "title": list("xyz")}, dtype=object)
    guilty = items if where == "title" else table
    guilty[where] = guilty[where].astype(object)
    guilty.loc[1, where] = HALF
    with pytest.raises(DataError, match=f"Row 2, column '{where}': 'half .*' holds half a character"):
        load(table, items=items)


def test_names_that_no_table_can_have():
    with pytest.raises(DataError, match="two columns 'user'"):
        load(pd.concat([nine(), nine()], axis=1))
    with pytest.raises(DataError, match="two columns '1'"):
        load(nine().assign(**{"1": 0}).rename(columns={"item": 1}), item="1")
    with pytest.raises(DataError, match=r"name of column 3.*half a character"):
        load(nine(x=[1, 2, 3]).set_axis(pd.Index(["user", "item", HALF], dtype=object), axis=1))


@pytest.mark.parametrize(("cells", "why"), [
    ([1, 2, 1e39], r"1e\+39 is too large"), ([1, 2, dt.datetime(2024, 1, 1)], "is not a number"),
    ([1, 2, 1j], "1j is not a number"), (["1", "2", "True"], "'True' is not a number"),
])
def test_what_is_no_number_of_32_bits(cells, why):
    with pytest.raises(DataError, match=f"Row 3, column 'stars': .*{why}"):
        load(nine(stars=cells))


@pytest.mark.parametrize("column", [
    pd.Series(pd.to_datetime(["2024-01-01"])), pd.Series(pd.to_timedelta([1], unit="h")), pd.Series([1j]),
    pd.Series(pd.period_range("2024", periods=1)), pd.Series(pd.interval_range(0, 1)),
])
def test_times_and_spans_are_not_counted_as_numbers(column):
    with pytest.raises(DataError, match="Row 1, column 'x'"):
        numbers(column, "x")


def test_numbers_of_400_digits_are_as_missing_as_infinite_ones():
    assert np.isnan(numbers(pd.Series([10**400, "1" * 400, np.inf, 1], dtype=object), "x")).tolist() == [1, 1, 1, 0]


def test_equal_numbers_have_no_deviation_and_none_becomes_infinite():
    learnt = Numbers.learnt(pd.Series([0.1] * 9), "x")
    assert learnt.deviation == 1 and learnt.encode(pd.Series([0.2]))[0][0] == pytest.approx(0.1)
    assert np.isfinite(Numbers.learnt(pd.Series([1e-30, 3e-30]), "x").encode(pd.Series([3e38]))[0]).all()


@pytest.mark.parametrize("year", [1, 1677, 1678, 2262, 2263, 9999])
@pytest.mark.parametrize("held", [
    lambda day: pd.Series([day], dtype=object), lambda day: pd.Series([day.isoformat()]),
    lambda day: pd.Series([day.timestamp()]), lambda day: pd.Series([day], dtype="datetime64[s, UTC]"),
])
def test_days_of_all_years(year, held):
    day = dt.datetime(year, 12, 31, 13, tzinfo=dt.UTC)
    if held(day).dtype.kind == "f" and year == 9999:
        pytest.skip("a count past 1e11 is one of thousandths")
    found = seconds(held(day), "at")
    assert found.tolist() == [day.timestamp()] and moment_text(found[0], clock=True) == f"{year:04}-12-31 13:00:00"


@pytest.mark.parametrize("cell", [10**30, -9e10, dt.timedelta(1), dt.time(1), {"at": 1}, "soon", "10000-01-01"])
def test_what_is_no_time(cell):
    with pytest.raises(DataError, match=r"Row 2, column 'at': .* is not a date or time"):
        seconds(pd.Series([None, cell], dtype=object), "at")


def test_a_span_is_no_time_and_a_period_is_its_first_moment():
    with pytest.raises(DataError, match=r"Row 1, column 'at': .* is not a date or time"):
        seconds(pd.Series(pd.to_timedelta([1], unit="h")), "at")
    assert moment_text(seconds(pd.Series(pd.period_range("2024-03-01", periods=1)), "at")[0]) == "2024-03-01"


def test_where_one_day_comes_before_its_month_all_do():
    days = [moment_text(moment) for moment in seconds(pd.Series(["13/02/2024", "01/02/2024"]), "at")]
    assert days == ["2024-02-13", "2024-02-01"]
    with pytest.raises(DataError, match="Row 2, column 'at': '02/13/2024' is not a date or time"):
        seconds(pd.Series(["13/02/2024", "02/13/2024"]), "at")


def test_a_bad_cell_is_named_by_its_row_in_the_file_or_its_item():
    table = nine(x=["bad", 1, 1])[::-1].reset_index(drop=True)
    table.loc[:7, "x"] = 1
    with pytest.raises(DataError, match="Row 9, column 'x': 'bad' is not a number"):
        load(table, types={"x": "number"})
    items = pd.DataFrame({"item": ["c", "b", "a"], "x": ["bad", 1, 2]})
    with pytest.raises(DataError, match="The item 'c', column 'x': 'bad' is not a number"):
        load(nine(), items=items, types={"x": "number"})
    data = load(nine(x=[1, 2, 3]), types={"x": "number"})
    with pytest.raises(DataError, match="Row 2, column 'x': 'bad' is not a number"):
        data.updated(pd.DataFrame({"user": [9, 1], "item": ["a", "b"], "x": [1, "bad"]}))


def test_lists_bytes_and_dicts():
    assert Lists.learnt(raw := pd.Series([[np.array([1, 2])], [None, "a"]]), raw).width == 1
    assert load(nine(x=[b"\xff", b"a", bytearray(b"ab")])).column("x").vocabulary == (None, "b'\\xff'")
    with pytest.raises(DataError, match=r"Row \d, column 'x': a dict \({'a': 1}\) is no value of a column"):
        load(nine(x=[{"a": 1}, {"b": 2}, None]))
    arrow = pd.Series([b"\xff", None, b"a"] * 3, dtype=pd.ArrowDtype(pa.binary()))
    assert load(nine().assign(x=arrow)).column("x").kind == "category"
    assert load(nine().assign(x=pd.Series([["a"], ["b"], ["a"]] * 3).astype("object"))).column("x").kind == "multi"


def test_a_type_that_duckdb_cannot_read():
    for table in (pl.DataFrame({"user": pl.Series([1], dtype=pl.Int128), "item": [1]}), pa.table({})):
        with pytest.raises(DataError, match="The table cannot be read"):
            load(table)


def test_names_of_two_sides_stay_apart_however_they_come_about():
    items = pd.DataFrame({"item": list("abc"), "age": 1, "item_age": 2, "born_year": 3, "timestamp_year": 4})
    data = load(nine(age=[7, 8, 9], born=["2024-01-01", "2023-01-01", "2022-01-01"]).assign(ts=range(9)), items=items)
    assert data.items.frame.iloc[0, 1:].to_dict() == {
        "item_item_age": 1, "item_age": 2, "item_born_year": 3, "item_timestamp_year": 4}
    assert data.column("born_year").side == data.column("timestamp_year").side == "interaction"


def test_a_missing_title_is_not_called_nan():
    items = pd.DataFrame({"item": list("abc"), "title": ["Alien", None, np.nan]})
    assert load(nine(), items=items).items.named(["None", "nan", "alien"]).tolist() == [0, 0, 1]


def test_a_hundred_thousand_categories():
    rows = 100_000
    data = load(pd.DataFrame({"user": np.arange(rows) // 10, "item": np.arange(rows) % 997,
                              "c": [f"c{row}" for row in range(rows)]}))
    assert data.column("c").size == 1 + (data.interactions.part == 0).sum()


ROWS = "".join(f"{user},{item},5\n" for user in "123" for item in "abc")


def csv(folder, text, name="t.csv"):
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize(("text", "users"), [
    ("user,item,rating\n" + ROWS.replace("1,", "#1,"), 3), ("\n\nuser,item,rating\n" + ROWS, 3),
    ("\ufeffuser,item,rating\r\n" + ROWS.replace("\n", "\r\n"), 3),
])
def test_no_row_of_a_csv_is_skipped(tmp_path, text, users):
    data = load(csv(tmp_path, text))
    assert data.users.count == users and len(data.interactions) == 9


def test_numbers_of_a_csv_are_numbers_whichever_comes_first(tmp_path):
    for first in ("inf", "-inf", "nan", "7"):
        frame = read_table(csv(tmp_path, f"user,item\n{first},a\n1.0,b\n,nan\nnan,d\n"))
        assert frame["user"].dtype == float and frame["item"].iloc[2] == "nan"
    assert read_table(csv(tmp_path, "user,item\ninf,a\nx,b\n"))["user"].tolist() == ["inf", "x"]


def test_infinities_alone_or_among_days_can_be_read(tmp_path):
    """DuckDB takes 'inf' for a day, which no frame can hold."""
    assert read_table(csv(tmp_path, "user,it's\n1,inf\n2,-inf\n"))["it's"].tolist() == [np.inf, -np.inf]
    assert read_table(csv(tmp_path, "user;at\n1;2024-01-01\n2;inf\n"))["at"].tolist() == ["2024-01-01", "inf"]


@pytest.mark.parametrize(("text", "why"), [
    ("user,item,rating\n" + ROWS + "4,a,5,6\n", "line 11: it has 4 fields, and the first has 3"),
    ("user,item,rating\n1,a\n" + ROWS, "line 2: it has 2 fields, and the first has 3"),
    ("My export\nuser,item,rating\n" + ROWS, "line 2: it has 3 fields, and the first has 1"),
    ("user,item,rating\n" + ROWS + "10000000000000000001,a,5\n", r"1e\+19 is a fraction"),
    ("user,item,1\n" + "u,a,0.1\nu,b,0.1\nu,c,0.1\n", "The header user, item, 1.* was taken for a row"),
    ("user,item\n1,2\n".encode("utf-16"), "written in UTF-16"), (b"", "No column looks like"),
    ("user,item\n", "is empty"),
])
def test_a_csv_that_is_off_says_where(tmp_path, text, why):
    with pytest.raises(DataError, match=why):
        load(csv(tmp_path, text))


def test_a_file_that_is_not_what_its_name_says(tmp_path):
    for name in ("t.csv.gz", "t.csv.zst", "t.parquet", "t.db"):
        with pytest.raises(DataError, match="cannot be read"):
            read_table(csv(tmp_path, "user,item\n1,2\n", name))


def test_parquet_files_of_different_columns_and_types(tmp_path):
    pl.DataFrame({"user": [1, 1, 1], "item": ["a", "b", "c"], "x": [1, 2, 3]}).write_parquet(tmp_path / "a.parquet")
    pl.DataFrame({"item": ["a", "b", "c"], "user": ["2", "2", "z"]}).write_parquet(tmp_path / "b.parquet")
    data = load(tmp_path / "*.parquet")
    assert data.users.ids[1:].tolist() == ["1", "2", "z"] and data.column("x").missing.sum() == 3
    pl.DataFrame({"user": [[2]], "item": ["a"]}).write_parquet(tmp_path / "b.parquet")
    with pytest.raises(DataError, match="cannot be read"):
        load(tmp_path / "*.parquet")
