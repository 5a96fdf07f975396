"""What a Dataset shows: the same facts in text and HTML, with hostile titles escaped."""

import pandas as pd

from recmagic.data.card import column_rows, facts, sample
from recmagic.data.dataset import Dataset

TABLE = pd.DataFrame({
    "user": [1, 1, 1, 2, 2, 2, None], "item": [1, 2, 3, 1, 2, 4, 1], "stars": [1, 2, 3, 4, 5, 1, 2],
    "ts": [1_700_000_000 + 86400 * day for day in range(7)],
})
ITEMS = pd.DataFrame({
    "item": [1, 2, 3, 4], "title": ["<img src=x onerror=alert(1)>", "Two words", "And more", "Four of"],
    "price": [1.0, None, 3.0, 4.0],
})
DATA = Dataset.load(TABLE, items=ITEMS, split="last", positive="stars >= 3", name="shop")


def test_the_facts():
    told = dict(facts(DATA))
    assert told["time"] == "2023-11-14 to 2023-11-19" and told["ratings"] == "1 to 5, mean 2.67"
    assert told["split"] == "last: train 2, valid 2, test 2" and told["positive"] == "stars >= 3 (3 of 6)"
    assert told["users"] == "0 hot (10 or more training interactions), 2 warm, 0 cold (none)"
    assert told["items"] == "0 hot (10 or more training interactions), 1 warm, 3 cold (none)"
    assert told["rows"] == "7 read, 6 kept" and told["dropped"] == "1 interactions: no user"
    assert told["fingerprint"] == DATA.fingerprint


def test_a_split_by_time_tells_when_the_parts_begin():
    days = [1_700_000_000 + 86400 * day for day in range(20)]
    table = pd.DataFrame({"user": [1, 2] * 10, "item": range(20), "ts": days})
    told = dict(facts(Dataset.load(table, split="time")))
    assert told["split"] == "time: train 16, valid 2, test 2; valid from 2023-11-30; test from 2023-12-02"
    assert "rows" not in told


def test_the_interactions_as_a_table():
    table = DATA.df
    assert list(table.columns) == ["user_id", "item_id", "rating", "timestamp", "positive", "part"]
    assert table.iloc[0].tolist() == [1, 1, 1.0, pd.Timestamp("2023-11-14 22:13:20", tz="UTC"), False, "train"]
    assert table["part"].value_counts().to_dict() == {"train": 2, "valid": 2, "test": 2} and "6 rows" in repr(
        DATA.interactions)


def test_columns_and_a_sample():
    rows = {row[0]: row[1:] for row in column_rows(DATA)}
    assert rows["price"] == ("item", "number", "mean 1, deviation 1", 1)
    assert rows["item_id"] == ("item", "id", "1 values: 1", 0)
    heads, lines = sample(DATA)
    assert heads == ["user", "item", "title", "rating", "time", "part"] and len(lines) == 5
    assert lines[0] == [1, 1, ITEMS["title"][0], "1", "2023-11-14 22:13:20", "train"]


def test_text_and_html_say_the_same_and_html_is_escaped():
    text, html = repr(DATA), DATA._repr_html_()
    assert text.startswith("Dataset shop: 2 users × 4 items, 6 interactions (density 75.00%)")
    assert "item: item_id (id), title (text), price (number)" in text
    for _, value in facts(DATA):
        assert value in text
    assert DATA.fingerprint in html and "&lt;img src=x" in html and "<img src=x" not in html
    assert "<caption" in html and "<details" in html
