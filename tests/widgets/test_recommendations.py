"""The live table asks what a person may ask, and shows what the methods give."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import recmagic
from recmagic.errors import DataError
from recmagic.evaluation.recommendations import Recommendations
from recmagic.widgets.recommendations import view
from recmagic.widgets.recommendations.searching import found_among
from tests.evaluation.tastes import BOTH, KNN, LOOKING_BACK, shop, trained


def back():
    return trained(LOOKING_BACK, "back")


def asked(made, **changes):
    made.ask({**made.state["question"], **changes})
    return made.state


def listed(state, nth=0):
    return [row["id"] for row in state["lists"][nth]["rows"]]


def test_it_opens_on_the_result():
    found = back().recommend(["c3", "c4"], k=4)
    state = view(found).state
    assert listed(state) == found.df.query("user_id == 'c3'")["item_id"].tolist()
    assert state["who"] == "c3" and [each["name"] for each in state["offered"]] == ["c3", "c4"]
    assert state["code"] == "back.recommend(['c3'], k=4).df"


def test_a_picked_user_has_their_own_list_and_history():
    made = view(back().recommend(["c3"], k=4))
    [c7, *_] = made.users("c7")
    state = asked(made, user=c7["row"], k=6)
    assert listed(state) == back().recommend(["c7"], k=6).df["item_id"].tolist()
    events = shop().interactions
    own = np.flatnonzero(events.user_row == c7["row"])[::-1]
    assert [row["name"] for row in state["history"]["rows"]] == [
        f"thing {shop().items.ids[row] - 100}" for row in events.item_row[own]]
    assert [row["rating"] for row in state["history"]["rows"]] == events.rating[own].tolist()


@pytest.mark.parametrize("changes, options", [
    ({"where": "kitchen"}, {"where": "kitchen"}), ({"diversity": 0.5}, {"diversity": 0.5}),
    ({"as_of": True}, {"as_of": "test"}), ({"k": 3, "where": " year > 2000 "}, {"k": 3, "where": "year > 2000"}),
])  # fmt: skip
def test_what_is_asked_is_what_the_method_gives_and_the_line_of_python_too(changes, options):
    state = asked(view(back().recommend(["c3"], k=4)), **changes)
    want = back().recommend(["c3"], **{"k": 4, **options}).df
    assert listed(state) == want["item_id"].tolist()
    assert eval(state["code"], {"back": back()}).equals(want)


def test_hits_are_marked_in_words():
    made = view(back().recommend(k=4))
    rows = [row for user in range(1, 41) for row in asked(made, user=user, as_of=True, k=10)["lists"][0]["rows"]]
    marked = [row["hit"] for row in rows if row["hit"]]
    assert marked and set(marked) == {"hit: in the test part"}
    assert not any(row["hit"] for row in asked(made, as_of=False)["lists"][0]["rows"])


def test_what_if_follows_each_item_that_comes_or_goes():
    made = view(back().recommend(["c3"], k=5))
    [two, *_], [eight, *_] = made.items("thing 2"), made.items("thing 8")
    first = listed(asked(made, liked=[two["row"]]))
    state = asked(made, liked=[two["row"], eight["row"]])
    assert first == back().recommend(liked=["thing 2"], k=5).df["item_id"].tolist()
    assert listed(state) == back().recommend(liked=["thing 2", "thing 8"], k=5).df["item_id"].tolist()
    moves = [row["move"] for row in state["lists"][0]["rows"]]
    assert moves == ["new" if each not in first else "=" if first.index(each) == nth else
                     f"▲{first.index(each) - nth}" if first.index(each) > nth else f"▼{nth - first.index(each)}"
                     for nth, each in enumerate(listed(state))]
    assert listed(asked(made, liked=[])) == back().recommend(["c3"], k=5).df["item_id"].tolist()


def test_a_new_user_may_lose_all_that_they_like():
    made = view(back().recommend(liked=["thing 2"], k=5))
    assert [each["name"] for each in made.state["liked"]] == ["thing 2"] and made.state["history"]["rows"] == []
    assert listed(asked(made, liked=[])) == back().recommend(liked=[], k=5).df["item_id"].tolist()
    assert listed(asked(made, user=4)) == back().recommend([shop().users.ids[4]], k=5).df["item_id"].tolist()


def test_a_what_if_is_compiled_once():
    made = view(back().recommend(["c3"], k=5))
    arrays = [recmagic.evaluation.newcomers.newcomer_arrays(back().program, np.arange(1, n + 1, dtype=np.int32), {})
              for n in (0, 1, 20)]
    assert len({tuple(each.shape for each in array.values()) for array in arrays}) == 1
    assert made.state["cannot"] == ""


def test_where_no_newcomer_can_be_met_it_says_why():
    assert "knows users by their id only" in view(trained(BOTH, "both").recommend(["c3"])).state["cannot"]


def test_models_stand_side_by_side():
    state = view(back().recommend(["c3"], k=4, beside=[trained(KNN, "knn")])).state
    assert [each["model"] for each in state["lists"]] == ["back", "knn"]
    assert "in common between back and knn (overlap@4" in state["lists"][1]["agreement"]
    assert all(row["move"] for row in state["lists"][1]["rows"]) and state["lists"][1]["against"] == "back"
    assert state["code"] == "back.recommend(['c3'], k=4, beside=[knn]).df"


def test_why_is_told_in_sentences():
    made = view(back().recommend(["c3"], k=4, beside=[trained(KNN, "knn")]))
    item = made.state["lists"][1]["rows"][0]
    assert made.why(1, item["item"]) == trained(KNN, "knn").explain("c3", item["id"]).sentences


def test_columns_are_chosen_and_lists_are_no_longer_than_a_page_bears():
    made = view(back().recommend(k=30, beside=[trained(KNN, "knn"), trained(BOTH, "both")] * 2))
    assert sum(len(each["rows"]) for each in made.state["lists"]) + len(made.state["history"]["rows"]) < 200
    state = asked(made, columns=["year"])
    assert all(isinstance(row["facts"][0], int) for row in state["lists"][0]["rows"])
    json.dumps(state, allow_nan=False)


def test_a_mistake_is_told_and_what_is_shown_stays():
    made, sent = view(back().recommend(["c3"], k=4)), []
    made.send, before = sent.append, made.state
    question = {**before["question"], "where": "yaer > 3"}
    made._asked(None, {"number": "1", "verb": "ask", "options": {"question": question}}, [])
    assert "Did you mean year" in sent[0]["error"] and made.state == before
    with pytest.raises(DataError):
        asked(made, k=0)


def test_lists_that_nobody_can_ask_again_stay_a_table():
    found = back().recommend(["c3"], k=2)
    assert view(Recommendations(found.user_ids, found.items, found.scores, found.data)) is None


def test_suggestions_start_with_what_was_typed():
    names = ["Aliens", "The Alien", "Alien", *(f"x{n}" for n in range(50))]
    assert [each["name"] for each in found_among(names, " alien")] == ["Alien", "Aliens", "The Alien"]
    assert len(found_among(names, "")) == 20 and found_among(names, "zzz") == []


def test_the_saved_notebook_has_the_static_form():
    found = back().recommend(["c3"], k=4)
    data, _ = view(found)._repr_mimebundle_()
    assert data["text/html"] == found._repr_html_() and data["text/plain"] == repr(found)


def test_a_hostile_or_endless_title_is_cut_and_stays_text():
    titles = ["<img src=x onerror=alert(1)>", "</script>", "=1+1", "x" * 5000, "\u202ea"]
    items = pd.DataFrame({"item": range(1, 6), "title": titles})
    rows = pd.DataFrame({"user": list("aaabbbccc"), "item": [1, 2, 3, 1, 2, 4, 1, 3, 5]})
    made = recmagic.Model.read("score = Popularity()", recmagic.Dataset.load(rows, items=items, split="last"))
    made.train()
    state = view(made.recommend(["a"], include_seen=True)).state
    assert max(len(row["name"]) for row in state["lists"][0]["rows"]) == 500
