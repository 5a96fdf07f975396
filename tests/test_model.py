"""A model's verbs on a small data set: one seed gives one model, the best weights are kept, whatever ends a run."""

import random
import threading
from functools import cache

import numpy as np
import pandas as pd
import pytest

from recmagic.compiler.cell import compile_spec
from recmagic.data.dataset import Dataset
from recmagic.errors import DataError, ModelError, SpecError, TrainingError
from recmagic.model import Model
from recmagic.training.events import EpochEnded, Progress, RunEnded, RunStarted
from tests.compiler.tiny import USERS, data, tables

FACTORS = "score = embedding(user_id, 4) @ embedding(item_id, 4)\nloss = BPR()\noptimizer = Adam(0.05)"
DEEP = """x = concat(embedding(user_id, 4), embedding(item_id, 4)) >> Dense(8, relu) >> Dropout(0.2)
score = x >> BatchNormalization() >> Dense(1, sigmoid)
loss = BinaryCrossentropy()
optimizer = Adam(0.05)"""
PAST = "item = embedding(item_id, 4)\nscore = mean(history(item, 3)) @ item\noptimizer = Adam(0.05)"
FEATURES = "score = embedding(country, 3) @ embedding(item_id, 3)\noptimizer = Adam(0.05)"
CONTEXT = "score = embedding(device, 3) @ embedding(item_id, 3) + embedding(user_id, 3) @ embedding(item_id, 3)"
STARS = "score = bias() + bias(user_id) + bias(item_id)\nloss = MeanSquaredError()\noptimizer = Adam(0.05)"


@cache
def ready(cell):
    """A trained model that no test changes."""
    return trained(cell)


def trained(cell, of=None, **options):
    model = Model.read(cell, of or data(), name="mine")
    model.train(**{"epochs": 2, "batch": 64, **options})
    return model


def weights(model):
    return [np.array(each) for each in model.program.cut.get_weights()]


def same(first, second):
    return len(first) == len(second) and all(a.shape == b.shape and (a == b).all() for a, b in zip(first, second))


@pytest.mark.parametrize("cell", [FACTORS, DEEP], ids=["factors", "deep"])
def test_one_seed_gives_one_model(cell):
    model = trained(cell)
    first = weights(model)
    random.random()  # whatever else draws numbers meanwhile
    model.train(epochs=2, batch=64)
    assert same(first, weights(model))
    model.train(epochs=2, batch=64, seed=1)
    assert not same(first, weights(model))
    assert model.history.seed == 1


def test_training_leaves_the_users_own_random_numbers_alone():
    random.seed(5)
    expected = random.random()
    random.seed(5)
    trained(FACTORS, epochs=1)
    assert random.random() == expected


def test_the_history_is_that_of_the_events():
    told = []
    model = Model.read(FACTORS, data(), name="mine")
    history = model.train(epochs=2, batch=64, listen=told.append)
    start, end = told[0], told[-1]
    assert isinstance(start, RunStarted) and isinstance(end, RunEnded)
    assert (start.model, start.seed, start.epochs, start.batch, start.examples) == ("mine", 0, 2, 64, 168)
    assert start.steps == 3 and start.watched == "ndcg@10"
    assert start.parameters == 4 * (25 + 17)
    epochs = [each for each in told if isinstance(each, EpochEnded)]
    assert [row["loss"] for row in history.epochs] == [each.loss for each in epochs]
    last = [each for each in told if isinstance(each, Progress) and each.epoch == 2][-1]
    assert (last.step, last.steps) == (3, 3)
    assert history is model.history and history.reason == "finished" and model.trained


def test_the_best_epochs_weights_are_kept():
    kept = {}
    model = Model.read(FACTORS, data())

    def listen(event):
        if isinstance(event, EpochEnded):
            kept[event.epoch] = event.metrics["ndcg@10"]

    history = model.train(epochs=12, batch=16, patience=3, listen=listen)
    assert history.best_epoch == max(kept, key=kept.get)
    assert history.best_epoch < len(kept)  # or the test would prove nothing
    assert history.reason == "patience" and len(kept) == history.best_epoch + 3
    assert model.evaluate(on="valid").df["ndcg@10"][0] == pytest.approx(max(kept.values()), abs=1e-6)


def test_rmse_is_watched_downwards():
    history = trained(STARS, epochs=6, batch=16).history
    values = [row["rmse"] for row in history.epochs]
    assert history.watched == "rmse" and history.best_epoch == 1 + int(np.argmin(values))


def exploding(epoch):
    """A learning rate that explodes after some epochs of three steps: PiecewiseConstantDecay on the step."""
    return FACTORS.replace("loss = BPR()", "loss = MeanSquaredError()").replace(
        "Adam(0.05)", f"SGD(PiecewiseConstantDecay([{3 * epoch}], [0.01, 1e30]))")


def test_a_loss_that_becomes_nan_leaves_the_last_good_weights():
    told = []
    model = Model.read(exploding(2), data(), name="mine")
    with pytest.raises(TrainingError, match=r"NaN at step \d of epoch [34]; the last good weights are kept"):
        model.train(epochs=9, batch=64, listen=told.append)
    assert isinstance(told[-1], RunEnded) and told[-1].reason == "nan"
    assert model.trained and len(model.history.epochs) in (2, 3) and model.history.reason == "nan"
    assert all(np.isfinite(each).all() for each in weights(model))
    assert len(model.recommend([1], k=3).df) == 3


def test_a_nan_in_the_first_epoch_changes_nothing():
    model = Model.read(exploding(0), data(), name="mine")
    with pytest.raises(TrainingError, match="NaN"):
        model.train(epochs=2, batch=16)
    assert not model.trained and model.history is None
    good = trained(exploding(1), epochs=1, batch=64)
    before = weights(good)
    with pytest.raises(TrainingError, match="of epoch 1;"):
        good.train(epochs=2, batch=16)
    assert good.trained and same(before, weights(good)) and good.history.reason == "finished"


class StopAfter:
    """Stops, or interrupts, at the given event number of a kind."""

    def __init__(self, kind, number, interrupt):
        self.kind, self.left, self.interrupt, self.flag = kind, number, interrupt, threading.Event()

    def __call__(self, event):
        self.left -= isinstance(event, self.kind)
        if self.left == 0:
            self.left = -1
            if self.interrupt:
                raise KeyboardInterrupt
            self.flag.set()


@pytest.mark.parametrize("interrupt", [False, True], ids=["stopped", "interrupted"])
@pytest.mark.parametrize("kind, number", [(Progress, 1), (Progress, 4), (EpochEnded, 1)])
def test_a_run_cut_short_leaves_a_usable_model(interrupt, kind, number, monkeypatch):
    monkeypatch.setattr("recmagic.training.engine.FIRST_STEPS", 1)
    monkeypatch.setattr("recmagic.training.engine.CHUNK_SECONDS", 0.0)
    model, stop = Model.read(FACTORS, data(), name="mine"), StopAfter(kind, number, interrupt)
    history = model.train(epochs=50, batch=16, patience=None, listen=stop, stop=stop.flag)
    assert history.reason == "interrupted" and 1 <= len(history.epochs) < 4
    assert model.trained and model.history is history
    assert len(model.recommend([1], k=3).df) == 3
    assert model.train(epochs=1, batch=16).reason == "finished"  # nothing is left of the stop


def test_a_run_stopped_before_it_began_has_learned_nothing():
    stop = threading.Event()
    stop.set()
    model = Model.read(FACTORS, data())
    history = model.train(epochs=3, stop=stop)
    assert history.reason == "interrupted" and history.epochs == [] and not model.trained
    good = trained(FACTORS)
    before = weights(good)
    good.train(epochs=3, stop=stop, seed=9)
    assert same(before, weights(good)) and len(good.history.epochs) == 2


@pytest.mark.parametrize("options, message", [
    ({"epochs": 0}, "0 epochs teach nothing"),
    ({"batch": 0}, "A batch is a whole number"),
    ({"batch": 2.5}, "A batch is a whole number"),
    ({"batch": "some"}, "A batch is a whole number"),
])
def test_what_training_refuses(options, message):
    with pytest.raises(TrainingError, match=message):
        Model.read(FACTORS, data()).train(**options)


def test_a_metric_of_rows_needs_a_target():
    with pytest.raises(TrainingError, match="rmse compares predictions with a target"):
        Model.read(FACTORS + "\nmetrics = [ndcg(5), rmse()]", data()).train(epochs=1)


def test_nothing_to_learn_from():
    nothing = data(positive="rating >= 9")
    with pytest.raises(TrainingError, match="nothing to learn from"):
        Model.read(FACTORS, nothing).train(epochs=1)


def test_an_untrained_model_says_so():
    model = Model.read(FACTORS, data(), name="mine")
    for verb in (lambda: model.evaluate(), lambda: model.recommend([1]), lambda: model.predict([1], [1]),
                 lambda: model.update(tables()[0][:3])):
        with pytest.raises(ModelError, match="'mine' has not been trained"):
            verb()


def test_predictions_are_in_the_units_of_the_target():
    stars = ready(STARS)
    bias = stars.program.build.layers["score"]
    mean, user, item = (np.asarray(layer.embeddings) for layer in bias)
    found = stars.predict([3, 3], [5, 7])
    rows = stars.data.users.rows([3, 3]), stars.data.items.rows([5, 7])
    np.testing.assert_allclose(found, mean[0, 0] + user[rows[0], 0] + item[rows[1], 0], rtol=1e-5)
    chance = ready(DEEP).predict(range(5), range(5))
    assert chance.min() > 0 and chance.max() < 1


def test_the_global_bias_starts_at_the_training_mean():
    events = data().interactions
    model = Model.read(STARS, data())
    start = model.program.build.layers["score"][0].embeddings.numpy()
    assert float(start[0, 0]) == pytest.approx(events.rating[events.part == 0].mean())


def test_seen_items_are_hidden_unless_asked_for():
    model = ready(FACTORS)
    events, _, _ = tables()
    for user in (0, 7):
        seen = set(events[events.user_id == user].item_id)
        listed = model.recommend([user], k=16).df
        assert not seen & set(listed.item_id) and len(listed) == 16 - len(seen)
        assert set(model.recommend([user], k=16, include_seen=True).df.item_id) == set(range(16))
        assert set(model.recommend([user], k=3, among=[*range(8)], include_seen=True).df.item_id) <= set(range(8))
    assert model.recommend(k=2).df.user_id.nunique() == USERS


def test_the_list_is_the_best_by_score(tmp_path):
    model = ready(FACTORS)
    listed = model.recommend([4], k=16, include_seen=True).df
    factors = [np.asarray(layer.embeddings) for layer in model.program.build.layers["score"]]
    user, items = model.data.users.rows([4])[0], model.data.items.rows(range(16))
    scores = pd.Series(factors[1][items] @ factors[0][user], index=range(16))
    assert listed.item_id.tolist() == scores.sort_values(ascending=False).index.tolist()
    np.testing.assert_allclose(listed.score, scores.sort_values(ascending=False), rtol=1e-5)
    path = model.recommend(k=3, to=tmp_path / "lists.parquet")
    pd.testing.assert_frame_equal(
        pd.read_parquet(path)[["user_id", "item_id", "rank"]].astype(int),
        model.recommend(k=3).df[["user_id", "item_id", "rank"]].astype(int))


def test_a_new_user_is_known_by_what_they_like():
    model = trained(PAST)
    by_id = model.recommend(liked=[3, 5], k=4).df
    titles = tables()[2].title
    by_title = model.recommend(liked=[titles[3].upper(), titles[5]], k=4).df
    assert by_id.item_id.tolist() == by_title.item_id.tolist() and not {3, 5} & set(by_id.item_id)
    table = np.asarray(model.program.build.layers["item"][0].embeddings)
    rows = model.data.items.rows([3, 5])
    expected = np.argsort(-(table[1:] @ table[rows].mean(0)))
    assert by_id.item_id.tolist() == [each for each in model.data.items.ids[expected + 1] if each not in (3, 5)][:4]
    with pytest.raises(DataError, match="no item 'nothing'"):
        model.recommend(liked=["nothing"])
    with pytest.raises(ModelError, match="uses no column of the user"):
        model.recommend(features={"country": "no"})


def test_a_category_that_training_has_not_seen_is_told():
    model = trained(FEATURES)
    assert "'norway', so it counts as unknown" in repr(model.recommend(features={"country": "norway"}, k=2))
    assert "counts as unknown" not in repr(model.recommend(features={"country": "pt"}, k=2))


def test_a_new_user_is_known_by_what_they_are():
    model = trained(FEATURES)
    _, users, _ = tables()
    someone = users[users.country == "pt"].user_id.iloc[0]
    new = model.recommend(features={"country": "pt"}, k=16).df
    old = model.recommend([someone], k=16, include_seen=True).df
    assert new.item_id.tolist() == old.item_id.tolist()
    with pytest.raises(ModelError, match="does not look at what a user has liked"):
        model.recommend(liked=[3])
    with pytest.raises(DataError, match="no user column 'contry'"):
        model.recommend(features={"contry": "pt"})
    with pytest.raises(ModelError, match="by their id only"):
        ready(FACTORS).recommend(liked=[3])


def test_the_situation_is_asked_for_and_used():
    model = trained(CONTEXT, epochs=6)
    with pytest.raises(ModelError, match="device"):
        model.recommend([1])
    phone, tv = (model.recommend([1], context={"device": each}, k=4).df for each in ("phone", "tv"))
    assert phone.score.tolist() != tv.score.tolist()
    alone = model.predict([1], phone.item_id[:1], context={"device": "phone"})
    assert alone == pytest.approx(phone.score[:1])
    with pytest.raises(ModelError, match="device"):
        model.predict([1], [1])
    with pytest.raises(ModelError, match="does not use the column 'minutes'"):
        model.recommend([1], context={"device": "tv", "minutes": 3})


def test_users_and_items_that_are_not_there():
    model = ready(FACTORS)
    for verb in (lambda: model.recommend([999]), lambda: model.recommend([1], among=[999]),
                 lambda: model.recommend([1], k=0)):
        with pytest.raises(DataError):
            verb()


def new_rows():
    """New users 100 and 101 and a new item 50, beside an old user with an old item."""
    return pd.DataFrame({"user_id": [100, 100, 101, 0], "item_id": [2, 50, 50, 50], "rating": [5.0, 4.0, 5.0, 3.0],
                         "timestamp": [1_700_000_000 + n for n in range(4)], "device": "tv", "minutes": 60.0})


@pytest.mark.parametrize("cell", [
    FACTORS,
    DEEP,
    "score = mean(history(embedding(item_id, 4), 3) >> Bidirectional(GRU(2, return_sequences=True)))"
    " @ embedding(item_id, 4)",
    "item = concat(embedding(item_id, 4), embedding(words(title), 2), embedding(buckets(price, 3), 2))\n"
    "score = (embedding(user_id, 8) >> Dense(8)) @ item",
], ids=["factors", "deep", "inner names", "made columns"])
def test_an_update_goes_on_from_the_weights(cell):
    model = trained(cell)
    old, before = model.data, model.program.build
    columns = dict(before.made_columns)
    layers = {layer.name: [np.array(each) for each in layer.variables]
              for made in before.layers.values() for layer in made}
    more = {}
    grown = compile_spec(model.spec, old.updated(new_rows()), model.program.seed, former=model.program)
    for made in grown.build.layers.values():
        for layer in made:
            for variable, value in zip(layer.variables, layers[layer.name]):
                now = np.asarray(variable)
                more[variable.path] = len(now) - len(value) if now.ndim else 0
                np.testing.assert_array_equal(now[: len(value)] if now.ndim else now, value)
    assert set(more.values()) - {0} == ({1, 2} if "user_id" in cell else {1})  # new rows, of users and of items
    for name, column in columns.items():
        assert grown.build.made_columns[name].vocabulary == column.vocabulary
    history = model.update(new_rows(), epochs=1, batch=64)
    assert len(history.epochs) == 1 and model.data.users.count == old.users.count + 2
    rows = model.data.users.rows(range(USERS))
    assert (rows == old.users.rows(range(USERS))).all()
    listed = model.recommend([100, 3], k=17).df
    assert 50 in set(listed[listed.user_id == 3].item_id) and 50 not in set(listed[listed.user_id == 100].item_id)


def test_an_update_says_when_rows_do_not_fit():
    model = ready(FACTORS)
    before = weights(model)
    with pytest.raises(DataError):
        model.update(pd.DataFrame({"who": [1]}))
    assert same(before, weights(model))


def test_what_a_cell_means_is_in_the_fingerprint():
    first, again = Model.read(FACTORS, data()), Model.read(FACTORS + "  # a word", data())
    other = Model.read(FACTORS.replace("4", "5"), data())
    assert first.fingerprint == again.fingerprint != other.fingerprint
    model = trained(FACTORS, epochs=1)
    before = model.fingerprint
    model.update(new_rows(), epochs=1)
    assert model.fingerprint != before


def test_several_models_share_a_report():
    first, second = ready(FACTORS), ready(DEEP)
    first.name, second.name = "first", "second"
    report = first.evaluate(second, k=5)
    first.name, second.name = "mine", "mine"
    assert list(dict.fromkeys(report.df.model)) == ["first", "second", "Popularity"]
    other = trained(FACTORS, of=data(split="random"), epochs=1)
    other.name = "other"
    with pytest.raises(ModelError, match="different data"):
        first.evaluate(other)


def test_a_cell_that_does_not_fit_is_shown():
    with pytest.raises(SpecError, match="line 4") as caught:
        Model.read("score = embedding(user_id, 4) @ embedding(item_i, 4)", data(), first_line=4)
    assert "Did you mean item_id?" in str(caught.value)


def test_a_repr_is_the_card():
    model = ready(FACTORS)
    assert repr(model).startswith("Model mine on tiny: collaborative, retrieval, 168 parameters, trained")
    assert "<svg" in model._repr_html_()


def test_where_validation_finds_nothing_the_last_weights_are_kept():
    events, _, _ = tables()
    events = events.sort_values("timestamp", kind="stable")
    events.loc[events.groupby("user_id").tail(2).index, "rating"] = 1.0
    blind = Dataset.load(events, split="last", positive="rating >= 2")
    history = trained(FACTORS, of=blind).history
    assert history.best_epoch is None and len(history.epochs) == 2 and "ndcg@10" not in history.epochs[0]
