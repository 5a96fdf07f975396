"""A Dataset from a small table: rows and codes, what is learnt from the training part alone, and its fingerprint."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from recmagic.data.dataset import Dataset
from recmagic.data.split import TEST, TRAIN, VALID
from recmagic.errors import DataError


def small_table(users=30, items=12, seed=1):
    rng = np.random.default_rng(seed)
    pairs = np.array([(user, item) for user in range(users) for item in range(items)])
    chosen = pairs[rng.permutation(len(pairs))[: len(pairs) // 2]]
    return pd.DataFrame({
        "customer": [f"u{user:02}" for user in chosen[:, 0]],
        "sku": chosen[:, 1] + 100,
        "stars": rng.integers(1, 6, len(chosen)),
        "bought_at": pd.Timestamp("2024-01-01") + pd.to_timedelta(12 * rng.permutation(len(chosen)), unit="h"),
    })


def test_rows_are_sorted_by_user_and_time_and_point_at_the_right_ids():
    table = small_table()
    data = Dataset.load(table)
    log = data.interactions
    keys = list(zip(log.user_row, log.timestamp))
    assert keys == sorted(keys)
    rebuilt = pd.DataFrame({
        "customer": data.users.ids[log.user_row], "sku": data.items.ids[log.item_row], "stars": log.rating.astype(int),
        "bought_at": pd.to_datetime(log.timestamp, unit="s"),
    })
    by = ["customer", "sku"]
    left, right = rebuilt.sort_values(by, ignore_index=True), table.sort_values(by, ignore_index=True)
    assert (left.astype(str) == right.astype(str)).all().all()


def test_row_0_is_unknown_in_every_array():
    users = pd.DataFrame({"customer": [f"u{n:02}" for n in range(30)], "age": range(20, 50),
                          "city": ["Bonn", "Lyon"] * 15})
    data = Dataset.load(small_table(), users=users)
    assert data.users.ids[0] is None and not data.users.warm[0]
    for column in data.users.columns.values():
        assert len(column.values) == data.users.count + 1
        assert not column.values[0].any() and column.missing[0]
    assert data.users.frame.iloc[data.users.rows(["u07"])[0] - 1]["age"] == 27


def test_ids_are_found_whether_text_or_number():
    data = Dataset.load(small_table())
    assert data.items.rows([100, "100", 100.0]).tolist() == [1, 1, 1]
    assert data.items.rows([99, None, "x", 100.5]).tolist() == [0, 0, 0, 0]
    assert data.users.rows(["u03", "nobody", 3]).tolist() == [4, 0, 0]


def test_vocabularies_and_statistics_come_from_the_training_part_alone():
    users = pd.DataFrame({"customer": [f"u{n:02}" for n in range(30)], "age": np.arange(30.0) ** 2,
                          "city": [f"city {n}" for n in range(30)]})
    data = Dataset.load(small_table(), users=users, types={"city": "category"}, split="user")
    warm = data.users.warm[1:]
    assert 0 < warm.sum() < 30
    assert data.column("age").mean == pytest.approx(users["age"][warm].mean())
    assert data.column("age").deviation == pytest.approx(users["age"][warm].std(ddof=0))
    assert set(data.column("city").vocabulary[1:]) == set(users["city"][warm])
    assert (data.column("city").values[1:] > 0).tolist() == warm.tolist()
    assert data.column("user_id").vocabulary[1:] == tuple(users["customer"][warm])
    assert data.column("user_id").values[1:][warm].tolist() == list(range(1, warm.sum() + 1))
    assert not data.column("user_id").values[1:][~warm].any()
    trained = data.interactions.part == TRAIN
    assert data.column("rating").mean == pytest.approx(data.interactions.rating[trained].mean(), abs=1e-6)


def test_roles_resolve_whatever_the_table_calls_them():
    data = Dataset.load(small_table())
    assert data.column("rating").kind == "number" and data.column("timestamp").kind == "date"
    assert data.column("timestamp_weekday").size == 8
    assert data.column("rating").originals() == pytest.approx(data.interactions.rating)
    with pytest.raises(DataError, match="Did you mean rating"):
        data.column("ratin")


def test_seen_and_relevant():
    data = Dataset.load(small_table(), positive="stars >= 4", split="last")
    log = data.interactions
    assert data.interactions.seen([TRAIN]).sum() == (log.part == TRAIN).sum()
    assert log.seen(["train", "valid"]).sum() == (log.part != TEST).sum()
    assert log.relevant("test").sum() == ((log.part == TEST) & (log.rating >= 4)).sum()
    assert log.relevant(VALID).shape == (data.users.count + 1, data.items.count + 1)
    assert log.positive.tolist() == (log.rating >= 4).tolist()


def test_a_new_user_is_encoded_from_raw_features():
    users = pd.DataFrame({"customer": [f"u{n:02}" for n in range(30)], "age": range(30), "city": ["Bonn", "Lyon"] * 15,
                          "born": pd.date_range("1990-01-01", periods=30, freq="100D")})
    data = Dataset.load(small_table(), users=users, split="random")
    encoded = data.encode_user({"age": 29, "city": "Lyon", "born": "1990-04-11"})
    known = data.users.rows(["u29"])[0]
    assert encoded["age"].tolist() == [data.column("age").values[known]]
    assert encoded["city"].tolist() == [2] and encoded["user_id"].tolist() == [0]
    assert encoded["born_month"].tolist() == [data.column("born_month").vocabulary.index(4)]
    assert data.encode_user({})["city"].tolist() == [0]
    with pytest.raises(DataError, match=r"no user column 'cty'.*\n.*Did you mean city"):
        data.encode_user({"cty": "Bonn"})


def test_the_fingerprint_is_of_content_and_options_and_the_same_in_another_process():
    table = small_table()
    first = Dataset.load(table).fingerprint
    assert Dataset.load(table, name="other").fingerprint == first
    assert Dataset.load(table, split="random").fingerprint != first
    assert Dataset.load(table.assign(stars=table["stars"].where(table.index != 5, 1))).fingerprint != first
    users = pd.DataFrame({"customer": table["customer"].unique(), "age": 30})
    described = Dataset.load(table, users=users).fingerprint
    assert described != first
    assert Dataset.load(table, users=users.assign(age=31)).fingerprint != described
    swapped = table.assign(sku=table["sku"].replace({100: 101, 101: 100}))
    assert Dataset.load(swapped).fingerprint != first
    assert Dataset.load(table, types={"stars": "number"}).fingerprint != first
    code = ("import sys; sys.path.insert(0, sys.argv[1]); from test_dataset import *; "
            "print(Dataset.load(small_table()).fingerprint)")
    folder = __file__.rpartition("/")[0]
    other = subprocess.run([sys.executable, "-c", code, folder], capture_output=True, text=True, check=True, timeout=60)
    assert other.stdout.strip() == first
