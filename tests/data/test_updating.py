"""New rows: old rows and codes stay where they are, new ids come behind, and all of it lands in the training part."""

import numpy as np
import pandas as pd
import pytest

from recmagic.data.dataset import Dataset
from recmagic.data.split import TEST, TRAIN
from recmagic.errors import DataError


def base(**options):
    rng = np.random.default_rng(3)
    pairs = [(user, item) for user in range(12) for item in range(10) if rng.random() < 0.5]
    table = pd.DataFrame(pairs, columns=["customer", "sku"])
    table["stars"] = rng.integers(1, 6, len(table))
    table["bought_at"] = 1_700_000_000 + rng.permutation(len(table)) * 1000
    table["device"] = rng.choice(["phone", "desk"], len(table))
    items = pd.DataFrame({"sku": range(10), "price": range(10, 20), "tags": ["a|b", "b"] * 5})
    return Dataset.load(table, items=items, **{"split": "user", "types": {"device": "category"}} | options)


NEW = pd.DataFrame({"customer": [0, 99, 99, 50], "sku": [100, 0, 100, 1], "stars": [5, 4, 3, 2],
                    "bought_at": 1_800_000_000, "device": ["desk", "watch", "phone", None], "price": [7.0, 1, 7, 1]})


def test_old_rows_codes_and_statistics_stay():
    data = base()
    newer = data.updated(NEW)
    assert newer.users.ids[: data.users.count + 1].tolist() == data.users.ids.tolist()
    assert newer.users.ids[data.users.count + 1:].tolist() == [99, 50]
    assert newer.users.rows([99, "50"]).tolist() == [data.users.count + 1, data.users.count + 2]
    for name, column in data.columns.items():
        again = newer.columns[name]
        assert (again.mean, again.deviation) == (column.mean, column.deviation)
        assert again.vocabulary[: column.size] == column.vocabulary
        if column.side != "interaction":
            assert (again.values[: len(column.values)] == column.values)[data.training_rows(column.side)].all()
        if column.kind != "id":
            assert again.vocabulary == column.vocabulary


def test_new_and_newly_warm_ids_get_codes_behind_the_old_ones():
    data = base()
    cold = data.users.ids[1:][~data.users.warm[1:]]
    newer = data.updated(NEW.assign(customer=[cold[0], 99, 99, 50]))
    codes = newer.column("user_id").values
    warm = data.users.warm.sum()
    assert codes[newer.users.rows([cold[0], 99, 50])].tolist() == [warm + 1, warm + 2, warm + 3]
    assert newer.column("user_id").encode([50]).tolist() == [warm + 3]
    assert codes[newer.users.rows([cold[1]])].tolist() == [0]
    assert newer.users.warm.sum() == warm + 3


def test_new_rows_are_sorted_into_the_training_part_and_described():
    data = base()
    newer = data.updated(NEW)
    log = newer.interactions
    assert len(log) == len(data.interactions) + 4
    assert (log.part == TRAIN).sum() == (data.interactions.part == TRAIN).sum() + 4
    assert list(zip(log.user_row, log.timestamp)) == sorted(zip(log.user_row, log.timestamp))
    assert log.seen(["train"]).shape == (newer.users.count + 1, newer.items.count + 1)
    row = newer.items.rows([100])[0]
    assert newer.items.frame.iloc[row - 1]["price"] == 7 and newer.column("tags").values[row].tolist() == [0, 0]
    price = data.column("price")
    assert newer.column("price").values[row] == pytest.approx((7 - price.mean) / price.deviation)
    at = (log.user_row == newer.users.rows([99])[0])
    assert log.columns["device"].values[at].tolist() == data.column("device").encode(["watch", "phone"]).tolist()
    assert newer.fingerprint != data.fingerprint and data.updated(NEW).fingerprint == newer.fingerprint


@pytest.mark.parametrize(("duplicates", "rating"), [("last", 1), ("first", None), ("sum", None)])
def test_a_pair_that_is_there_already(duplicates, rating):
    data = base(duplicates=duplicates)
    place = int(np.flatnonzero(data.interactions.part == TEST)[0])
    user, item = data.interactions.user_row[place], data.interactions.item_row[place]
    before = float(data.interactions.rating[place])
    rows = pd.DataFrame({"user_id": [data.users.ids[user]], "item_id": [data.items.ids[item]], "rating": [1],
                         "timestamp": [1_800_000_000]})
    newer = data.updated(rows)
    found = (newer.interactions.user_row == user) & (newer.interactions.item_row == item)
    assert found.sum() == 1 and len(newer.interactions) == len(data.interactions)
    expected = {"last": 1, "first": before, "sum": before + 1}[duplicates]
    assert newer.interactions.rating[found].tolist() == [expected]
    assert newer.interactions.part[found].tolist() == [TEST if duplicates == "first" else TRAIN]
    assert newer.account[-1].dropped == 1


def test_texts_as_new_ids_among_numbers():
    newer = base().updated(NEW.assign(customer=["0", "x", "99", "50"]))
    assert newer.users.ids[-3:].tolist() == ["x", 99, 50]
    assert newer.users.rows(["x", 99, "99", 0, "0", 3]).tolist() == [13, 14, 14, 1, 1, 4]


def test_a_missing_column_is_told():
    with pytest.raises(DataError, match="The new rows have no column 'stars' "):
        base().updated(NEW.drop(columns="stars"))
    with pytest.raises(DataError, match="Row 1, column 'stars'"):
        base().updated(NEW.assign(stars="many"))
