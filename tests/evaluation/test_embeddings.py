"""The vectors of users and items: their dot product is the score, neighbours are by the cosine, new ones have some."""

import numpy as np
import pandas as pd
import pytest

from recmagic.data.dataset import Dataset
from recmagic.errors import DataError, ModelError
from recmagic.model import Model
from tests.compiler.tiny import data, tables

CELLS = {
    "factors": "score = embedding(user_id, 4) @ embedding(item_id, 4)\nloss = BPR()",
    "biased": "score = embedding(user_id, 4) @ embedding(item_id, 4) + bias(item_id) + bias(user_id)\nloss = BPR()",
    "features": "user = concat(embedding(user_id, 3), embedding(country, 3)) >> Dense(4)\n"
                "item = concat(embedding(genres, 4), number(price)) >> Dense(4)\nscore = user @ item",
    "sequence": "item = embedding(item_id, 4)\nscore = (history(item, 3) >> GRU(4, return_sequences=True)) @ item",
    "mixed": "score = concat(embedding(user_id, 3), embedding(item_id, 2)) >> Dense(1)",
}


def trained(name):
    model = Model.read(CELLS[name], data(), name="mine")
    model.train(epochs=2, batch=32)
    return model


@pytest.mark.parametrize("name", ["factors", "features", "sequence"])
def test_the_dot_product_is_the_score(name):
    model = trained(name)
    users, items = model.embeddings("users"), model.embeddings("items")
    ids = data().users.ids[[1, 5, 9]], data().items.ids[[2, 7, 3]]
    expected = [users.vectors[row - 1] @ items.vectors[column - 1] for row, column in zip((1, 5, 9), (2, 7, 3))]
    scores = model.predict(*ids)
    np.testing.assert_allclose(scores, expected, atol=1e-5)


def test_one_sided_terms_are_left_out():
    model = trained("biased")
    table = model.program.cut.get_weights()
    found = model.embeddings("items").vectors
    assert found.shape == (16, 4)
    assert any(each.shape == (17, 4) and np.allclose(each[1:], found) for each in table)


def test_a_mixed_model_has_what_its_towers_give():
    found = trained("mixed")
    assert found.embeddings("users").width == 3 and found.embeddings("items").width == 2


def test_the_table_has_what_is_known():
    found = trained("features").embeddings("items", [3, 5]).df
    assert list(found.item_id) == [3, 5] and {"title", "genres", "price", "v0", "v3"} <= set(found)
    title = data().items.frame.title.iloc[4]
    assert list(trained("features").embeddings("items", [title]).df.title) == [title]


def test_a_new_item_is_known_by_its_columns():
    model = trained("features")
    old = model.embeddings("items", [3])
    new = model.embeddings("items", new=old.facts.assign(item_id=77))
    np.testing.assert_allclose(new.vectors, old.vectors, atol=1e-6)
    other = model.embeddings("items", new=pd.DataFrame({"genres": ["a", "c"], "price": [3.0, 12.0]}))
    assert np.abs(other.vectors[0] - other.vectors[1]).max() > 1e-3


def test_a_new_user_is_known_by_their_columns():
    model = trained("features")
    new = model.embeddings("users", new=pd.DataFrame({"country": ["no", "jp"]}))
    listed = model.recommend(features={"country": "jp"}, k=1).df.iloc[0]
    items = model.embeddings("items", [listed.item_id])
    np.testing.assert_allclose(new.vectors[1] @ items.vectors[0], listed.score, atol=1e-5)


def test_neighbours_are_by_the_cosine():
    model = trained("factors")
    vectors = model.embeddings("items").vectors.astype(np.float64)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    cosine = unit @ unit[4]
    order = [place for place in np.argsort(-cosine) if place != 4][:3]
    found = model.similar_items([data().items.ids[5]], k=3)
    assert list(found.df.similar_id) == list(data().items.ids[1:][order])
    np.testing.assert_allclose(found.df.score, cosine[order], atol=1e-6)
    assert list(found.df["rank"]) == [1, 2, 3] and "<table" in found._repr_html_() and "Most similar" in repr(found)
    users = model.similar_users([data().users.ids[2], data().users.ids[3]], k=40)
    assert len(users.df) == 2 * 23 and data().users.ids[2] not in set(users.df[users.df.user_id == data().users.ids[2]
                                                                               ].similar_id)


def test_one_id_may_be_numpys_as_a_frame_gives_it():
    model = trained("factors")
    user, item = np.int64(data().users.ids[2]), np.int64(data().items.ids[5])
    assert model.similar_items(item, k=3).df.equals(model.similar_items([item], k=3).df)
    assert model.recommend(user, k=3).df.equals(model.recommend([user], k=3).df)


def with_a_cold_item():
    """The tiny tables, where every row of item 3 is held out."""
    events, users, items = tables()
    part = np.where(events.item_id == 3, 2, 0)
    part[np.flatnonzero(part == 0)[:3]] = 1
    return Dataset.load(events.assign(split=part), users=users, items=items, split="file", name="tiny",
                        types={"genres": "multi", "title": "text", "country": "category"})


@pytest.mark.parametrize("name, listed", [("factors", False), ("features", True)])
def test_a_cold_item_is_a_neighbour_only_where_more_than_its_id_is_known(name, listed):
    cold = with_a_cold_item()
    assert not cold.items.warm[cold.items.rows([3])[0]]
    model = Model.read(CELLS[name], cold, name="mine")
    model.train(epochs=1)
    found = model.similar_items([5], k=15)
    assert (3 in set(found.df.similar_id)) == listed
    assert len(found.df) == (15 if listed else 14)


@pytest.mark.parametrize("ask, error, message", [
    (lambda model: model.embeddings("films"), DataError, "no embeddings of 'films'"),
    (lambda model: model.embeddings("items", ["nothing"]), DataError, "There is no item 'nothing' in tiny"),
    (lambda model: model.embeddings("items", new=pd.DataFrame({"price": [1.0]})), ModelError, "by their id only"),
    (lambda model: model.embeddings("users", new=pd.DataFrame({"age": [30]})), ModelError, "by their id only"),
    (lambda model: model.similar_items([3], k=0), DataError, "A list of 0"),
])
def test_what_it_cannot_give_is_named(ask, error, message):
    with pytest.raises(error, match=message):
        ask(trained("factors"))


def test_a_solved_model_has_no_vectors():
    model = Model.read("score = EASE()", data(), name="ease")
    model.train()
    with pytest.raises(ModelError, match="'ease' has no vectors"):
        model.similar_items([3])
