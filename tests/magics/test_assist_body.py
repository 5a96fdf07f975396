"""What may be typed next in a cell's body, at cursors inside unfinished text."""

import random

import pytest

from recmagic import zoo
from recmagic.magics.assist.body import choices
from recmagic.magics.assist.cursor import spot

COLUMNS = {"user_id": "user column", "item_id": "item column", "genres": "item column", "movie title": "item column"}


def offered(text):
    return {each.text: each.told for each in choices(spot(text), COLUMNS)}


@pytest.mark.parametrize(("text", "first", "told"), [
    ("sc", "score = ", "statement"),
    ("user = embedding(user_id, 8)\nlo", "loss = ", "statement"),
    ("user = emb", "embedding", "value"),
    ("user = embedding(", "user_id", "user column"),
    ("user = embedding(co", 'column("movie title")', "item column"),
    ('user = embedding(column("mo', 'movie title"', "item column"),
    ("width = 8\nuser = embedding(user_id, wi", "width", "earlier name"),
    ("user = embedding(user_id, ", "width=", "required"),
    ("user = embedding(user_id, 8, l", "l2=", "default 0.0"),
    ("user = embedding(user_id, 8)\nscore = us", "user", "earlier name"),
    ("x = concat(\n  embedding(user_id, 8),\n  embedding(ge", "genres", "item column"),
    ("score = x >> De", "Dense", "layer"),
    ("score = x >> den", "Dense", "layer"),
    ("x = mean(profile(embedding(item_id, 8) >> Dr", "Dropout", "layer"),
    ("score = x >> Dense(8, ac", "activation=", "default None"),
    ("score = x >> Dense(8, re", "relu", "function"),
    ("score = x >> Dense(8, activation=ta", "tanh", "function"),
    ("score = x >> Dense(8, use_bias=", "True", "value"),
    ("score = x >> Dense(8, kernel_initializer=HeN", "HeNormal", "initializer"),
    ("score = x >> Dense(8, kernel_regularizer=L2(", "l2=", "default 0.01"),
    ("score = x >> Bidirectional(GR", "GRU", "layer"),
    ("optimizer = Ad", "Adadelta", "optimizer"),
    ("optimizer = Adam(learning_rate=Cos", "CosineDecay", "schedule"),
    ("loss = Bin", "BinaryCrossentropy", "loss"),
    ("metrics = [ndcg(10), hi", "hit_rate", "metric"),
    ("negatives = ", "catalogue", "negatives"),
    ("target = at", "at_least", "target"),
    ("score = EA", "EASE", "scorer"),
    ("augment = [sm", "smote", "augment"),
    ("augment = [pseudo_labels(EA", "EASE", "scorer"),
    ("augment = [pseudo_labels(EASE(re", "regularization=", "default 500.0"),
    ("größe = 8\nuser = embedding(user_id, gr", "größe", "earlier name"),
])
def test_the_first_choice(text, first, told):
    found = offered(text)
    assert found and (next(iter(found)), found[next(iter(found))]) == (first, told), list(found)[:5]


@pytest.mark.parametrize("text", ["x = 3  # De", "score = (  # De", "score = x >>  # De",
                                  'x = "De', "x = embedding(user_id, 8) ", "x = Dense(8) em", "3",
                                  "x y"])
def test_where_nothing_can_stand(text):
    assert offered(text) == {}


def test_what_has_been_said_is_not_offered_again():
    assert "activation=" not in offered("s = x >> Dense(8, activation=relu, ")
    assert "activation=" not in offered("s = x >> Dense(8, relu, ") and "units=" not in offered("s = x >> Dense(8, ")
    assert "loss = " not in offered("loss = BPR()\n")
    assert set(offered("loss = BPR(")) == set()


def test_no_text_breaks_it():
    cells = [zoo.text(name) for name in zoo.names()]
    for cell in cells:
        for cursor in range(0, len(cell), 7):
            offered(cell[:cursor])
    rng = random.Random(0)
    for _ in range(300):
        offered("".join(rng.choice("ab =(),[]\"'#\\\n>+@.1é\t") for _ in range(40)))
