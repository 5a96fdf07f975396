"""Product quantisation: what k-means finds, by plain numpy; where it is of no use; and models that are made with it."""

import numpy as np
import pytest

from recmagic import Model
from recmagic.compression.account import DISK
from recmagic.compression.product import quantised
from recmagic.errors import ModelError, SpecError
from tests.compression.models import PRODUCT, many, model_of
from tests.compression.test_smaller import by_parts

STEPS = "item = embedding(item_id, 16)\nscore = (mean(history(item, 3)) + embedding(user_id, 16)) @ item\nloss = BPR()"


def table(rows, width=8, seed=0):
    made = np.random.default_rng(seed).normal(0, 1, (rows, width)).astype(np.float32)
    made[0] = 0
    return made


def test_each_part_is_the_nearest_of_its_centroids_and_these_are_better_than_rows_at_random():
    value = table(3000)
    codes, centroids = quantised(value, 4)
    assert codes.shape == (3000, 4) and centroids.shape == (256, 8)
    for part in range(4):
        own, of_part = value[1:, 2 * part : 2 * part + 2], centroids[1:, 2 * part : 2 * part + 2]
        distances = ((own[:, None] - of_part) ** 2).sum(axis=2)
        np.testing.assert_array_equal(codes[1:, part], distances.argmin(axis=1) + 1)
        drawn = ((own[:, None] - own[:255]) ** 2).sum(axis=2)
        assert distances.min(axis=1).mean() < 0.8 * drawn.min(axis=1).mean()
    assert np.square(by_parts(codes, centroids) - value).mean() < 0.02 * np.square(value).mean()


def test_the_unknown_row_is_exact_and_no_other_row_has_its_centroids():
    value = table(2000)
    value[0] = 0.125  # where unknown=0.1 has trained it
    codes, centroids = quantised(value, 2)
    assert not codes[0].any() and codes[1:].min() > 0
    np.testing.assert_array_equal(by_parts(codes, centroids)[0], value[0])


@pytest.mark.parametrize("kinds", [1, 40, 255])
def test_few_different_rows_are_kept_exactly(kinds):
    value = table(kinds + 1)[1 + np.arange(900) % kinds]
    value[0] = 0
    np.testing.assert_array_equal(by_parts(*quantised(value, 4)), value)


def test_a_long_table_is_judged_whole_though_a_part_is_looked_at(monkeypatch):
    monkeypatch.setattr("recmagic.compression.product.FITTED", 1000)
    value = table(5000)
    codes, centroids = quantised(value, 4)
    assert np.square(by_parts(codes, centroids) - value).mean() < 0.03 * np.square(value).mean()


def test_steps_look_rows_up_as_well_and_a_program_in_keras_gives_the_same(tmp_path):
    model = model_of(STEPS, many())
    made = model.compress(pq=8, epochs=0)
    assert made.text.count("pq=8") == 2 and "tables in 8 parts of 256 kinds" in made.account.caption
    users, items = np.arange(200), np.arange(200)
    assert np.corrcoef(made.predict(users, items), model.predict(users, items))[0, 1] > 0.98
    code, space = made.code(weights=tmp_path / "weights"), {"__name__": "program"}
    exec(code.text, space)
    found = space["predict"](space["load"](str(tmp_path / "weights.npz")), users, items)
    np.testing.assert_allclose(found, made.predict(users, items), rtol=1e-4)


def test_a_cell_in_parts_is_trained_from_the_start():
    model = Model.read(PRODUCT.format(width=16).replace("16", "16, pq=4"), many(), name="m")
    codes = [each.numpy() for each in model.program.cut.non_trainable_variables if each.dtype == "uint8"]
    assert len(codes) == 2 and not any(each[0].any() for each in codes)
    assert all(set(np.unique(each[1:])) == set(range(1, 256)) for each in codes)
    history = model.train(epochs=2, seed=0)
    assert history.epochs[1]["loss"] < history.epochs[0]["loss"]
    left = [each.numpy() for each in model.program.cut.non_trainable_variables if each.dtype == "uint8"]
    assert all(np.array_equal(*pair) for pair in zip(codes, left))


def test_the_report_has_the_frontier_of_models_in_parts():
    model = model_of(PRODUCT.format(width=16), many())
    made = model.compress(pq=4, epochs=0, name="in 4")
    report = model.evaluate(made)
    assert report.sizes == pytest.approx(dict(zip(("m", "in 4"), 1000 * np.array(made.account.value(DISK)))))
    values = {row.model: row.values["ndcg@10"] for row in report.rows if row.of == "all users"}
    assert report.frontier == (["in 4", "m"] if values["m"] > values["in 4"] else ["in 4"])


@pytest.mark.parametrize("how, told", [
    ({"pq": 5}, "5 must divide"), ({"pq": 0}, "from 1 up"), ({"pq": 4, "hash": 5}, "--pq replaces"),
    ({"pq": 4, "prune": 0.5}, "--pq replaces")])
def test_what_makes_no_sense_is_refused(how, told):
    with pytest.raises(ModelError, match=told):
        model_of(PRODUCT.format(width=16), many()).compress(**how)


def test_tables_that_are_too_short_are_refused():
    with pytest.raises(ModelError, match="its longest has 25 rows"):
        model_of(PRODUCT.format(width=16)).compress(pq=4)


@pytest.mark.parametrize("setting, told", [("pq=3", "cannot be cut into 3 parts"), ("pq=4, hashed=9", "not both")])
def test_a_cell_that_makes_no_sense_is_refused(setting, told):
    with pytest.raises(SpecError, match=told):
        Model.read(PRODUCT.format(width=16).replace("16", f"16, {setting}"), many(), name="m")
