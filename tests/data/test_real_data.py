"""The real data sets: their known counts, columns and protocols."""

import numpy as np
import pytest

from recmagic.data.dataset import Dataset
from recmagic.data.split import TEST, VALID


def shape(data):
    return data.users.count, data.items.count, len(data.interactions)


def test_movielens_100k(real_path):
    data = Dataset.load("movielens-100k", path=real_path("ml-100k"))
    assert shape(data) == (943, 1682, 100_000) and data.rating_scale == (1, 5)
    assert data.split_name == "last"  # after a cut in time most test users have no past
    assert any("of the test users have a past" in warning for warning in data.warnings)
    kinds = {name: column.kind for name, column in data.columns.items()}
    assert kinds["age"] == "number" and kinds["zip"] == kinds["gender"] == kinds["occupation"] == "category"
    assert kinds["title"] == "text" and kinds["genres"] == "multi" and kinds["released"] == "date"
    toy = data.items.frame.iloc[data.items.rows([1])[0] - 1]
    assert toy["title"] == "Toy Story (1995)" and toy["year"] == 1995
    assert toy["genres"] == "Animation|Children's|Comedy" and data.items.label == "title"
    assert data.column("genres").size - 1 == 19 and "GroupLens" in data.licence


def test_movielens_1m(real_path):
    data = Dataset.load("movielens-1m", path=real_path("ml-1m"))
    assert shape(data) == (6040, 3706, 1_000_209)
    titles = data.items.frame["title"].tolist()
    assert "City of Lost Children, The (1995)" in titles and any("é" in title for title in titles)
    assert data.users.frame["zip"].str.len().min() == 5
    log = data.interactions
    assert np.array_equal(np.lexsort((log.timestamp, log.user_row)), np.arange(len(log)))


def test_ties_of_movielens_1m_are_told(real_path):
    # Of users up to 2999 the timestamps are the archive's own.
    query = "SELECT * FROM source WHERE column0 < 3000"
    data = Dataset.load(real_path("ml-1m/ratings.dat"), query=query, split="last")
    assert "53.5% of a user's neighbouring events share their time" in data.warnings[0]


def test_protocol_a_is_the_sequential_literature(real_path):
    data = Dataset.load(real_path("ml-1m/ml-1m_sas.txt"), split="last")
    assert shape(data) == (6040, 3416, 999_611)
    log = data.interactions
    assert (log.part == TEST).sum() == (log.part == VALID).sum() == 6040
    lines = real_path("ml-1m/ml-1m_sas.txt").read_text().split("\n")
    first = [int(line.split()[1]) for line in lines if line.startswith("1 ")]
    assert data.items.ids[log.item_row[log.user_row == 1]].tolist() == first


def test_protocol_b_keeps_three_stars_and_draws_8_1_1_per_user(real_path):
    data = Dataset.load("movielens-1m", path=real_path("ml-1m"), keep="rating >= 3", split="random")
    log = data.interactions
    assert len(log) == 836_478 and log.rating.min() == 3
    count = np.bincount(log.user_row)[1:]
    for part in (VALID, TEST):
        held = np.bincount(log.user_row[log.part == part], minlength=data.users.count + 1)[1:]
        assert (held[count >= 3] == np.maximum(count // 10, 1)[count >= 3]).all()


def test_movietweetings(real_path):
    folder = real_path("movietweetings")
    data = Dataset.load("movietweetings", path=folder, min_user=10, min_item=5)
    assert shape(data) == (2290, 2146, 53_556) and data.rating_scale == (0, 10)
    assert "MIT" in data.licence and data.items.ids[1].startswith("00")


@pytest.mark.parametrize("name", ["movielens-100k", "movielens-1m", "movietweetings"])
def test_a_local_copy_is_found_by_the_environment(name, real_path, monkeypatch):
    monkeypatch.setenv("RECMAGIC_DATA", str(real_path("ml-1m").parent))
    assert Dataset.load(name, split="last").name == name
