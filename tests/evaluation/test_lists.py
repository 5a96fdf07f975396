"""What a list may be asked for: as of a part, by a filter, diverse, side by side; and why an item is in it."""

from __future__ import annotations

import pickle
from copy import copy

import duckdb
import numpy as np
import pandas as pd
import pytest

import recmagic
from recmagic import backends
from recmagic.errors import DataError, ModelError
from recmagic.evaluation.diversity import diversified
from recmagic.evaluation.filtering import matching
from recmagic.evaluation.liked import liked_items
from recmagic.evaluation.likeness import Likeness, likeness
from recmagic.evaluation.side_by_side import SideBySide, moves
from recmagic.scorers import Log
from tests.evaluation.tastes import BOTH, KNN, LOOKING_BACK, MIXED, shop, trained


def model():
    return trained(BOTH, "both")


def part_of(user: str, part: int) -> set[int]:
    events = shop().interactions
    own = events.user_row == shop().users.rows([user])[0]
    return set(shop().items.ids[events.item_row[own & (events.part == part)]])


@pytest.mark.parametrize("user", ["c0", "c7", "c39"])
def test_as_of_the_test_part_only_what_came_before_is_hidden(user):
    listed = set(model().recommend([user], k=30, as_of="test").df["item_id"])
    assert listed == set(shop().items.ids[1:]) - part_of(user, 0) - part_of(user, 1)
    assert part_of(user, 2) <= listed and not part_of(user, 2) & set(model().recommend([user], k=30).df["item_id"])


def test_hits_are_what_was_liked_in_the_test_part_as_evaluation_counts_them():
    found = model().recommend(k=5, as_of="test")
    frame = found.df
    assert frame[frame["hit"]].apply(lambda row: row["item_id"] in part_of(row["user_id"], 2), axis=1).all()
    share = frame.groupby("user_id")["hit"].sum().sum() / len(found)  # one test item each
    report = model().evaluate(k=5)
    assert share == pytest.approx(report.df.query("model == 'both'")["recall@5"].iloc[0])
    assert "hit: in the test part" in found._repr_html_() or not found.hits[:5].any()


def test_what_was_liked_before_keeps_the_test_part_out():
    ids = [set(shop().items.ids[liked_items(shop(), "c0", as_of)]) for as_of in (None, "test", "valid")]
    assert ids == [part_of("c0", 0) | part_of("c0", 1) | part_of("c0", 2), part_of("c0", 0) | part_of("c0", 1),
                   part_of("c0", 0)]


def test_a_file_has_the_hits_too(tmp_path):
    found = model().recommend(k=3, as_of="test")
    read = duckdb.read_parquet(str(found.write(tmp_path / "hits.parquet"))).df()
    pd.testing.assert_frame_equal(read, found.df, check_dtype=False)


def test_what_is_kept_is_the_lists_without_the_model():
    found = model().recommend(["c1"], k=3, as_of="test")
    again = pickle.loads(pickle.dumps(found))
    assert again.asked is None and again.df.equals(found.df) and again._repr_html_() == found._repr_html_()


@pytest.mark.parametrize("options, kind, message", [
    ({"as_of": "train"}, DataError, "no part 'train'"),
    ({"as_of": "test", "liked": ["thing 1"]}, ModelError, "nothing in the test part"),
    ({"diversity": 1.5}, DataError, "diversity of 1.5"),
    ({"where": "year >"}, DataError, "not a condition"),
    ({"where": "yaer > 3"}, DataError, "Did you mean year"),
    ({"images": "picture"}, DataError, "no item column 'picture'"),
])  # fmt: skip
def test_what_cannot_be_is_refused(options, kind, message):
    with pytest.raises(kind, match=message):
        trained(LOOKING_BACK, "back").recommend(None if "liked" in options else ["c0"], **options)


@pytest.mark.parametrize("text, years", [
    ("year > 2015", range(2016, 2020)), ("year >= 1991 and year < 1993", [1991, 1992]),
    ("THING 29", [2019]), ("green", range(1990, 2020, 3)), ("", range(1990, 2020)), ("nothing", []),
])  # fmt: skip
def test_a_filter_is_a_condition_or_words(text, years):
    rows = np.flatnonzero(matching(shop(), text))
    assert shop().items.frame["year"].iloc[rows - 1].tolist() == list(years)


def test_a_filtered_list_is_the_best_among_what_is_meant():
    whole, some = model().recommend(["c3"], k=30).df, model().recommend(["c3"], k=3, where="kitchen").df
    assert some["item_id"].tolist() == whole[whole["shelf"] == "kitchen"]["item_id"].tolist()[:3]
    with pytest.raises(DataError, match="No item fits 'nothing at all'"):
        model().recommend(["c3"], where="nothing at all")


def test_what_is_asked_once_may_be_asked_again():
    found = model().recommend(iter(["c3", "c4"]), k=3, among=iter(range(100, 110)))
    assert found.asked.again().df.equals(found.df) and found.asked.again(k=2).df["item_id"].max() < 110


def test_a_diverse_list_is_chosen_as_the_formula_says():
    rng = np.random.default_rng(1)
    rows = rng.normal(size=(13, 3))
    alike = Likeness((rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32), "")
    items, scores = np.array([[*range(1, 13), 0]], np.int32), np.array([[*np.linspace(3, 1, 12), -np.inf]])
    for diversity in (0.0, 0.4, 1.0):
        found, kept = diversified(items, scores, alike, 6, diversity)
        relevance, chosen = (scores[0, :12] - 1) / 2, []
        for _ in range(6):
            worth = {place: (1 - diversity) * relevance[place] - diversity * max(
                (float(alike.rows[items[0, place]] @ alike.rows[items[0, other]]) for other in chosen), default=0.0)
                for place in range(12) if place not in chosen}
            chosen.append(max(worth, key=worth.get))
        assert found.tolist() == items[:, chosen].tolist() and kept.tolist() == scores[:, chosen].tolist()


def test_a_short_pool_gives_a_short_list():
    found, scores = diversified(np.array([[3, 0, 0]], np.int32), np.array([[1.0, -np.inf, -np.inf]]),
                                Likeness(np.eye(4, dtype=np.float32), ""), 2, 0.5)
    assert found.tolist() == [[3, 0]] and scores[0, 0] == 1.0


def test_more_diversity_makes_lists_more_unlike():
    alike = likeness(model().program, recmagic.backends.current())

    def within(diversity):
        found = model().recommend(k=5, diversity=diversity).items
        return np.mean([alike.between(row, row)[np.triu_indices(5, 1)].mean() for row in found])

    assert within(0.8) < within(0.4) < within(0.0)
    assert model().recommend(k=5, diversity=0.0).df.equals(model().recommend(k=5).df)


@pytest.mark.parametrize("text, by", [(BOTH, "the model's vectors"), (KNN, "shared shelf")])
def test_what_likeness_is_made_of_is_said(text, by):
    found = likeness(trained(text, by[:3]).program, recmagic.backends.current())
    assert found.by == by
    cosines = found.between(np.arange(1, 31), np.arange(1, 31))
    assert np.allclose(np.diag(cosines), 1, atol=1e-5) and cosines.max() < 1.0001


def test_without_vectors_and_columns_users_in_common_count():
    rows = pd.DataFrame({"user": list("aabbccaaabbbccc"), "item": [1, 2, 1, 2, 3, 4, 5, 6, 7, 5, 6, 7, 5, 6, 8]})
    data = recmagic.Dataset.load(rows, split="random")
    knn = recmagic.Model.read("score = ItemKNN()", data)
    knn.train()
    found = likeness(knn.program, recmagic.backends.current())
    seen = data.interactions.seen(["train"]).toarray().astype(float).T
    length = np.maximum(np.linalg.norm(seen, axis=1), 1)
    want = (seen @ seen.T) / np.outer(length, length)
    assert found.by == "the users they share"
    assert np.allclose(found.between(np.arange(9), np.arange(9)), want, atol=1e-6)


def test_models_stand_side_by_side():
    found = model().recommend(["c0", "c1"], k=5, beside=[trained(KNN, "knn")])
    assert isinstance(found, SideBySide)
    alone = [each.recommend(["c0", "c1"], k=5).df for each in (model(), trained(KNN, "knn"))]
    assert found.df.drop(columns="model").equals(pd.concat(alone, ignore_index=True))
    common = len(set(alone[0].query("user_id == 'c0'")["item_id"]) & set(alone[1].query("user_id == 'c0'")["item_id"]))
    said = f"{common} of 5 in common between both and knn (overlap@5 {common / 5:.2f})."
    assert said in repr(found) and said in found._repr_html_()
    assert found._repr_html_().count("<table") == 2 and "against both" in repr(found)
    with pytest.raises(ModelError, match="lists of one model"):
        model().recommend(["c0"], beside=[trained(KNN, "knn")], to="x.parquet")


def test_models_of_other_data_do_not_stand_beside():
    rows = pd.DataFrame({"user": list("aaabbbccc"), "item": [1, 2, 3, 1, 2, 4, 1, 3, 4]})
    other = recmagic.Model.read("score = Popularity()", recmagic.Dataset.load(rows, split="last"), name="other")
    other.train()
    with pytest.raises(ModelError, match="different data"):
        model().recommend(["c0"], beside=[other])


def test_moves_are_told_by_sign():
    assert moves(np.array([5, 6, 7, 8]), np.array([7, 6, 9, 5, 0])) == ["▲2", "=", "new", "▼3"]


@pytest.mark.parametrize("text, parts", [
    (BOTH, ["user and item together", "the user alone", "the item alone"]),
    (BOTH.replace(" + bias(user_id)", ""), ["user and item together", "the item alone"]),
    (BOTH.replace(" + bias(item_id)", ""), ["user and item together", "the user alone"]),
    (LOOKING_BACK, ["user and item together"]),
])  # fmt: skip
def test_the_shares_add_up_to_the_score(text, parts):
    made = trained(text, "m")
    why = made.explain("c4", "thing 5")
    assert list(why.shares) == parts
    assert sum(why.shares.values()) == pytest.approx(why.score, abs=1e-4)
    assert why.score == pytest.approx(float(made.predict(["c4"], [105])[0]), abs=1e-4)
    assert "the item alone" not in parts or why.shares["the item alone"] == pytest.approx(
        made.explain("c9", "thing 5").shares["the item alone"])


def test_the_shares_of_a_blend_are_its_parts():
    knn = trained(KNN, "knn")
    blend = recmagic.blend(model(), knn, weights=(0.7, 0.3))
    why = blend.explain("c4", 105)
    assert list(why.shares) == ["both", "knn"]
    assert sum(why.shares.values()) == pytest.approx(float(blend.predict(["c4"], [105])[0]), abs=1e-5)
    assert "both" in why.sentences[1] and set(why.df["reason"]) == {"like", "share"}
    assert list(recmagic.switch(model(), knn, below=5).explain("c4", 105).shares) == ["both"]
    assert list(recmagic.switch(model(), knn, below=50).explain("c4", 105).shares) == ["knn"]


def test_a_mixed_score_has_no_shares_and_says_so():
    why = trained(MIXED, "mixed").explain("c4", 105)
    assert why.shares == {} and "not a sum of parts" in why.sentences[1]


def test_the_nearest_things_are_of_the_history():
    popular = recmagic.Model.read("score = Popularity()", shop())  # which has no vectors
    popular.train()
    why = popular.explain("c3", "thing 6")
    own = part_of("c3", 0) | part_of("c3", 1) | part_of("c3", 2)
    near = set(shop().items.ids[why.near])
    assert near <= own - {106} and why.cosines[0] == pytest.approx(1)  # on the same shelf
    assert "shared shelf" in why.sentences[0] and "thing" in repr(why) and "<table" in why._repr_html_()
    before = popular.explain("c3", "thing 6", as_of="test")
    assert not set(shop().items.ids[before.near]) & part_of("c3", 2)


@pytest.mark.parametrize("cell", [KNN, "score = EASE(2.0)"])
def test_a_scorer_that_adds_up_says_what_each_thing_adds(cell):
    model = recmagic.Model.read(cell, shop())
    model.train()
    why, data = model.explain("c3", "thing 6"), shop()
    log = Log.of(data.interactions, (0, 1, 2))
    held, item = set(data.items.ids[why.near]), int(data.items.named(["thing 6"])[0])
    user = int(data.users.rows(["c3"])[0])
    without = []
    for row in why.near:  # what is added is what is lost where the thing is taken out of the history
        taken = log.matrix.copy()
        taken[user, row] = 0
        scorer = copy(model.program.scorer(backends.current(), (0, 1, 2)).scores)
        scorer.past = taken[:, scorer.items]
        without.append(why.score - float(scorer.score(np.array([user]))[0, item]))
    assert held <= part_of("c3", 0) | part_of("c3", 1) | part_of("c3", 2) and 106 not in held
    np.testing.assert_allclose(why.cosines, without, atol=1e-5)
    assert sum(why.shares.values()) == pytest.approx(why.score) and list(why.cosines) == sorted(why.cosines)[::-1]
    assert "what each adds to the score" in why.sentences[0] and "made of: these" in why.sentences[1]


def test_a_new_user_is_told_why_by_what_they_like():
    why = trained(LOOKING_BACK, "back").explain(None, "thing 5", liked=["thing 2", "thing 8"])
    assert {102} <= set(shop().items.ids[why.near]) <= {102, 108} and why.user == "new user"


def test_pictures_come_only_by_option_and_only_from_allowed_addresses():
    items = pd.DataFrame({"item": range(1, 6), "picture": [
        "https://example.org/a.png", "http://example.org/b.png", "data:image/svg+xml;base64,PHN2Zz4=",
        "javascript:alert(1)", 'https://example.org/"onerror="x']})  # fmt: skip
    rows = pd.DataFrame({"user": list("aaabbbccc"), "item": [1, 2, 3, 1, 2, 4, 1, 3, 5]})
    data = recmagic.Dataset.load(rows, items=items, split="last", types={"picture": "text"})
    made = recmagic.Model.read("score = Popularity()", data)
    made.train()
    assert "<img" not in made.recommend(["a"], include_seen=True)._repr_html_()
    page = made.recommend(["a"], include_seen=True, images="picture")._repr_html_()
    assert page.count("<img") == 2 and 'src="https://example.org/a.png"' in page
    assert "&quot;onerror=&quot;x" in page and "svg" not in page and "javascript" not in page


def test_hostile_titles_stay_text_side_by_side_and_explained():
    titles = ["<img src=x onerror=alert(1)>", "</script><script>alert(1)</script>", "\u202eevil", "x" * 5000, "fine"]
    items = pd.DataFrame({"item": range(1, 6), "title": titles})
    rows = pd.DataFrame({"user": list("aaabbbccc"), "item": [1, 2, 3, 1, 2, 4, 1, 3, 5]})
    data = recmagic.Dataset.load(rows, items=items, split="last")
    first, second = (recmagic.Model.read("score = Popularity()", data, name=name) for name in ("one", "two"))
    for each in (first, second):
        each.train()
    for page in (first.recommend(["a"], include_seen=True, beside=[second])._repr_html_(),
                 *(first.explain("a", item)._repr_html_() for item in range(1, 6))):
        assert "<img" not in page and "<script" not in page and "\u202e" not in page and "x" * 600 not in page
