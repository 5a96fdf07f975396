"""Finding the roles by the usual names, the ids by tolerant matching, and errors that say what to write."""

import numpy as np
import pandas as pd
import pytest

from recmagic.data.dataset import Dataset
from recmagic.data.roles import find_key, find_roles
from recmagic.errors import DataError

NOTHING = dict.fromkeys(("user", "item", "rating", "time"))


@pytest.mark.parametrize(("columns", "expected"), [
    (["userId", "movieId", "rating", "timestamp"], ["userId", "movieId", "rating", "timestamp"]),
    (["CUSTOMER_ID", "Product", "Stars", "Date"], ["CUSTOMER_ID", "Product", "Stars", "Date"]),
    (["customer", "sku", "bought_at"], ["customer", "sku", None, "bought_at"]),
    (["item", "user"], ["user", "item", None, None]),
    (["member id", "book", "score", "ts"], ["member id", "book", "score", "ts"]),
    (["user", "user_id", "item_id"], ["user_id", "item_id", None, None]),
])
def test_the_usual_names_are_found(columns, expected):
    roles = find_roles(pd.DataFrame(columns=columns), NOTHING)
    assert [roles.get(role) for role in ("user", "item", "rating", "time")] == expected


def test_what_is_named_wins_and_a_wrong_name_is_told():
    table = pd.DataFrame(columns=["user", "item", "buyer", "score"])
    roles = find_roles(table, NOTHING | {"user": "buyer"})
    assert roles == {"user": "buyer", "item": "item", "rating": "score"}
    with pytest.raises(DataError, match=r"no column 'buyr' \(user\)") as caught:
        find_roles(table, NOTHING | {"user": "buyr"})
    assert "Did you mean buyer" in caught.value.hint


def test_one_column_cannot_have_two_roles():
    with pytest.raises(DataError, match="'sku' cannot be both the user and the item") as caught:
        find_roles(pd.DataFrame(columns=["who", "sku"]), NOTHING | {"user": "sku", "item": "sku"})
    assert "who, sku" in caught.value.hint


def test_a_role_that_cannot_be_told_names_the_columns_and_the_option():
    with pytest.raises(DataError, match="the table has who, item") as caught:
        find_roles(pd.DataFrame(columns=["who", "item"]), NOTHING)
    assert "--user COLUMN" in caught.value.hint


def test_a_metadata_table_is_matched_by_the_same_a_usual_or_the_only_id_like_name():
    assert find_key(pd.DataFrame(columns=["sku", "item_id"]), "sku", "item") == "sku"
    assert find_key(pd.DataFrame(columns=["name", "ItemId"]), "sku", "item") == "ItemId"
    assert find_key(pd.DataFrame(columns=["id", "name"]), "sku", "item") == "id"
    with pytest.raises(DataError, match="items table has neither"):
        find_key(pd.DataFrame(columns=["a_id", "b_id"]), "sku", "item")


def test_an_unreadable_cell_is_named_by_row_and_column():
    table = pd.DataFrame({"user": [1, 2, 3], "item": [1, 2, 3], "stars": ["4", "five", "3"],
                          "date": ["2024-01-01"] * 3})
    with pytest.raises(DataError, match="Row 2, column 'stars': 'five' is not a number"):
        Dataset.load(table)
    with pytest.raises(DataError, match="Row 3, column 'date': 'soon' is not a date or time"):
        Dataset.load(table.assign(stars=1, date=["2024-01-01", "2024-01-02", "soon"]))


def test_a_rating_outside_its_scale_is_named():
    table = pd.DataFrame({"user": [1, 2], "item": [1, 2], "stars": [4, 11]})
    with pytest.raises(DataError, match="Row 2, column 'stars': the rating 11 is outside the scale 1 to 5"):
        Dataset.load(table, scale=(1, 5))


@pytest.mark.parametrize("unit", [1, 1e3, 1e6, 1e9])
def test_times_are_seconds_whatever_the_table_counts(unit):
    moments = np.array([1.6e9, 1.7e9, 1.65e9, 1.6e9, 1.62e9, 1.61e9])
    table = pd.DataFrame({"user": [1, 1, 1, 2, 2, 2], "item": [1, 2, 3] * 2, "ts": (moments * unit).astype("int64")})
    data = Dataset.load(table, split="last")
    assert sorted(data.interactions.timestamp) == sorted(moments)
    texts = table.assign(ts=pd.to_datetime(moments, unit="s").strftime("%Y-%m-%d %H:%M:%S"))
    assert Dataset.load(texts, split="last").interactions.timestamp.tolist() == data.interactions.timestamp.tolist()


def test_a_column_of_a_role_keeps_apart_from_metadata_of_its_name():
    table = pd.DataFrame({"user": [1, 1, 1, 2, 2, 2], "item": [1, 2, 3] * 2, "rating": [1, 2, 3, 4, 5, 1]})
    items = pd.DataFrame({"item": [1, 2, 3, 4, 3], "rating": [0.1, 0.2, 0.3, 0.4, 0.5], "name": list("abcde")})
    users = pd.DataFrame({"user": [1], "name": ["Ann"]})
    data = Dataset.load(table, items=items, users=users, split="last")
    assert data.column("item_rating").side == "item" and data.column("rating").side == "interaction"
    assert data.column("user_name").side == "user" and data.column("item_name").side == "item"
    assert data.items.frame["item_name"].tolist() == ["a", "b", "e"] and data.items.label == "item_name"
    assert [(line.what, line.why, line.dropped) for line in data.account] == [
        ("items", "without an interaction", 1), ("items", "an id again (last kept)", 1)]
    assert any("1 of 2 users are not in the users table" in warning for warning in data.warnings)


def test_what_describes_the_item_moves_to_the_items():
    rng = np.random.default_rng(0)
    item = rng.integers(0, 10, 200)
    table = pd.DataFrame({"user": np.arange(200) % 20, "item": item, "genre": [f"g{each % 3}" for each in item],
                          "device": rng.choice(["phone", "desk"], 200)})
    data = Dataset.load(table.drop_duplicates(["user", "item"]), split="random")
    assert data.column("genre").side == "item" and data.column("device").side == "interaction"
    assert data.items.frame["genre"].tolist() == [f"g{each % 3}" for each in range(10)]
    assert any("'genre' is the same in all rows of an item" in warning for warning in data.warnings)
