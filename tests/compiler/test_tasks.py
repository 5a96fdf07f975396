"""Several scores of one cell: what they share, which one ranks, and what is refused, shown at its place."""

import numpy as np
import pytest

from recmagic import backends
from recmagic.data.dataset import Dataset
from recmagic.errors import ModelError
from recmagic.model import Model
from tests.compiler.test_errors import assert_refused
from tests.compiler.tiny import compiled, data, tables
from tests.training.runs import batches, objective, parts
from tests.training.test_objective import shaken

SCORES = """x = concat(embedding(user_id, 4), embedding(item_id, 4)) >> Dense(4, relu)
like = x >> Dense(1, sigmoid)
stars = x >> Dense(1)
score = [like, stars]
"""
CELL = SCORES + "target = [at_least(rating, 4), rating]\n"


def test_each_task_has_its_loss_by_its_target_and_the_first_one_ranks():
    learning = compiled(CELL).learning
    assert [(task.score, task.kind) for task in learning.tasks] == [("like", "binary"), ("stars", "regression")]
    assert learning.score == "like" and learning.metrics == (("auc", None),)
    assert [default.text for default in learning.defaults if default.what == "loss"] == [
        "BinaryCrossentropy()", "MeanSquaredError()"]


def test_another_score_may_rank():
    program = compiled(CELL + "rank_by = stars\n")
    assert program.learning.score == "stars" and program.cut.place == 1 and not program.probabilities
    assert program.by_score["stars"] is program and program.by_score["like"].probabilities


def test_a_model_predicts_each_of_its_scores_and_reports_both():
    model = Model.read(CELL, data())
    model.train(epochs=2)
    users, items = model.data.users.ids[1:7], model.data.items.ids[1:7]
    like, stars = (model.predict(users, items, score=name) for name in ("like", "stars"))
    np.testing.assert_array_equal(model.predict(users, items), like)
    layers = {name: model.program.build.layers[name][0].get_weights() for name in ("like", "stars")}
    tables = [layer.get_weights() for layer in model.program.build.layers["x"]]
    rows = [model.data.column(f"{side}_id").values[1:7] for side in ("user", "item")]
    x = np.concatenate([tables[0][0][rows[0]], tables[1][0][rows[1]]], axis=1)
    hidden = np.maximum(x @ tables[2][0] + tables[2][1], 0)
    by_hand = {name: (hidden @ kernel + bias)[:, 0] for name, (kernel, bias) in layers.items()}
    np.testing.assert_allclose(like, 1 / (1 + np.exp(-by_hand["like"])), rtol=1e-4)
    np.testing.assert_allclose(stars, by_hand["stars"], rtol=1e-4)
    found = model.evaluate().df.set_index(["model", "of"])
    assert found.loc[("model", "all users"), "auc"] >= 0 and found.loc[("model", "stars"), "rmse"] > 0
    with pytest.raises(ModelError, match="no score 'likes'\\.\n  Take one of like, stars"):
        model.predict(users, items, score="likes")


def test_a_row_teaches_the_tasks_whose_target_it_has():
    events, users, items = tables()
    events.loc[::3, "minutes"] = np.nan
    types = {"genres": "multi", "title": "text"}
    part = Dataset.load(events, users=users, items=items, types=types, split="last")
    program = shaken(SCORES.replace(", sigmoid", "") + "target = [at_least(rating, 4), minutes]\n", of=part)
    _, examples = parts(program, "all")
    batch = batches(examples, 1)[0]
    kept = part.interactions.part == 0
    stars, minutes = part.interactions.rating[kept], part.column("minutes").originals()[kept]
    assert 0 < np.isnan(minutes).sum() < len(minutes) == len(batch["ends"])
    users, items = part.interactions.user_row[kept], part.interactions.item_row[kept]
    scorers = {name: each.scorer(backends.current(), [0]) for name, each in program.by_score.items()}
    like, length = (scorers[name].pairs(users, items).astype(np.float64) for name in ("like", "stars"))
    crossentropy = np.logaddexp(0, like) - like * (stars >= 4)
    total = crossentropy.sum() + np.nansum((length - minutes) ** 2)
    assert objective(program, batch) == pytest.approx(total / len(minutes), rel=1e-5)


@pytest.mark.parametrize("marked, message, hint", [
    (SCORES.replace("[like, stars]", "«[like, stars]»"), "needs a target of its own", r"target = \["),
    (SCORES + "target = «rating»", "There are 2 scores, and target is one", "one length"),
    (SCORES + "target = «[rating]»", "There are 2 scores, and target has 1", "one length"),
    (CELL + "loss = «MeanSquaredError()»", "There are 2 scores, and loss is one", "one length"),
    (CELL + "rank_by = «x»", "none of the scores", "like, stars"),
    (CELL.replace("[like, stars]", "[«x >> Dense(1)», stars]"), "a name of its own", "line above"),
    (CELL.replace("[like, stars]", "[«x», stars]"), "4 wide", None),
    (CELL + "negatives = «uniform(2)»", "Negatives have no meaning", None),
    (SCORES + "target = [rating, «next_item()»]", "needs a target of its own", "column of the interactions"),
    (SCORES + "loss = [BPR(), MeanSquaredError()]\ntarget = [«at_least(rating, 4)», rating]", "takes no target", None),
    ("score = embedding(user_id, 4) @ embedding(item_id, 4)\nloss = «[BPR(), WARP()]»", "one score, and loss is a list",
     None),
    ("a = embedding(user_id, 4)\nscore = a @ embedding(item_id, 4)\nrank_by = «a»", "nothing to choose", "Leave"),
    ("item = embedding(item_id, 4)\na = history(item, 3) @ item\nb = item @ embedding(user_id, 4)\n"
     "score = [«a», b]\ntarget = [at_least(rating, 4), rating]", "is a sequence", "last"),
    (CELL.replace("embedding(item_id, 4))", "embedding(item_id, 4), number(rating))").replace(
        "[like, stars]", "«[like, stars]»"), "reads 'rating'", None),
])
def test_what_does_not_fit_is_refused_at_its_place(marked, message, hint):
    assert_refused(marked, message, hint)
