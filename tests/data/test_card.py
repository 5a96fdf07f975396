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
    assert told["dropped"] == "1 interactions: no user" and told["fingerprint"] == DATA.fingerprint


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
    assert DATA.fingerprint in html and "&lt;img src=x" in html and "<img" not in html
    assert "<caption" in html and "<details" in html
