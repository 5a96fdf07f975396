"""What a model sees of a user's past: the window of each interaction, at training and later, without its padding."""

import keras
import numpy as np
import pytest

from recmagic import backends
from recmagic.compiler.feeds import Rows, Window, window_positions
from recmagic.compiler.log import log_arrays
from recmagic.compiler.scorer import CutScorer
from recmagic.data.split import TRAIN, VALID
from tests.compiler.tiny import compiled, data

ITEM = "item = concat(embedding(item_id, 4), embedding(genres, 3)) >> Dense(4)\n"


def user_rows():
    return np.arange(1, data().users.count + 1, dtype=np.int32)


def shaken(cell, of=None):
    program = compiled(cell, of)
    random = np.random.default_rng(1)
    for variable in sorted(program.cut.trainable_variables, key=lambda each: each.path):
        variable.assign(random.normal(0, 0.7, variable.shape))
    return program


def scorer(program, parts=(TRAIN,)):
    return CutScorer(program.functions, backends.current(), program.data, parts)


def plain_log(parts):
    """The interactions of some parts as a plain list of (user, time, place in the table, item), sorted."""
    events = data().interactions
    rows = zip(events.user_row.tolist(), events.timestamp.tolist(), range(len(events)), events.item_row.tolist())
    chosen = [row for row, part in zip(rows, events.part) if part in parts]
    assert len({row[:2] for row in chosen}) < len(chosen)  # there are ties in time
    return sorted(chosen)


@pytest.mark.parametrize("length", [1, 3, 20])
def test_a_history_holds_the_last_interactions_before_this_one(length):
    log, arrays = plain_log([TRAIN]), log_arrays(data(), [TRAIN], ())
    positions, real = window_positions(Window("history", length), arrays,
                                       Rows(arrays["log/user"], np.arange(len(log), dtype=np.int32)))
    for number, (user, *_) in enumerate(log):
        before = [at for at in range(number) if log[at][0] == user][-length:]
        assert np.asarray(real[number]).tolist() == [False] * (length - len(before)) + [True] * len(before)
        assert np.asarray(positions[number])[length - len(before):].tolist() == before
        assert [arrays["log/item"][at] for at in before] == [log[at][3] for at in before]


def test_a_profile_holds_all_interactions_but_this_one():
    log, arrays = plain_log([TRAIN]), log_arrays(data(), [TRAIN], ())
    positions, real = window_positions(Window("profile", 9), arrays,
                                       Rows(arrays["log/user"], np.arange(len(log), dtype=np.int32)))
    for number, (user, *_) in enumerate(log):
        others = [at for at in range(len(log)) if log[at][0] == user and at != number]
        assert np.asarray(positions[number])[np.asarray(real[number])].tolist() == others
        assert np.asarray(real[number]).tolist() == [False] * (9 - len(others)) + [True] * len(others)


@pytest.mark.parametrize("parts", [(TRAIN,), (TRAIN, VALID)], ids=["for validation", "for test"])
def test_a_score_looks_back_on_the_parts_before(parts):
    program = shaken("score = mean(history(embedding(item_id, 4), 3)) @ embedding(item_id, 4)")
    past, own = (np.asarray(layer.embeddings) for layer in program.build.layers["score"])
    scores = np.asarray(scorer(program, parts).score(user_rows()))
    log = plain_log(parts)
    for user in user_rows():
        items = [row[3] for row in log if row[0] == user][-3:]
        np.testing.assert_allclose(scores[user - 1], own @ past[items].mean(0), rtol=1e-4, atol=1e-5)


def test_a_history_reads_columns_of_the_interactions():
    program = shaken("score = mean(history(number(minutes), 4)) @ embedding(item_id, 1)")
    minutes, events = data().column("minutes").values, data().interactions
    own = np.asarray(program.build.layers["score"][0].embeddings)
    scores = np.asarray(scorer(program).score(user_rows()))
    for user in user_rows():
        mine = minutes[(events.user_row == user) & (events.part == TRAIN)][-4:]
        np.testing.assert_allclose(scores[user - 1], own[:, 0] * mine.mean(), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("items, looked_up", [("genres", True), ("device", False)])
def test_a_value_of_the_item_alone_is_looked_up_where_that_is_less_work(items, looked_up):
    program = compiled(f"past = history(concat(embedding(item_id, 2), embedding({items}, 2)), 5)\n"
                       "score = last(past) @ embedding(item_id, 4)")
    assert any(feed.window == Window("catalogue", 0) for feed in program.cut.query_feeds) == looked_up


def test_a_value_looked_up_equals_the_value_of_every_step(monkeypatch):
    cell = ITEM + "past = history(item, 5) >> GRU(4)\nscore = past @ item"
    looked_up = shaken(cell)
    monkeypatch.setattr("recmagic.compiler.words.history.USUAL_BATCH", 0)
    per_step = shaken(cell)
    ours, theirs = ({feed.window.kind for feed in each.cut.query_feeds} for each in (looked_up, per_step))
    assert "catalogue" in ours and "catalogue" not in theirs
    scores = [np.asarray(scorer(each).score(user_rows())) for each in (looked_up, per_step)]
    np.testing.assert_allclose(*scores, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("layers", [
    "GRU(4)",
    "LSTM(4)",
    "Bidirectional(GRU(2))",
    "GRU(4, return_sequences=True) >> Dense(4, sigmoid) >> GRU(4)",
    "GlobalAveragePooling1D()",
    "Dense(4) >> GlobalMaxPooling1D()",
    "Conv1D(4, 2, padding='causal') >> LSTM(4)",
    "LayerNormalization() >> Conv1D(4, 3, padding='causal', activation=sigmoid) >> GlobalAveragePooling1D()",
])
def test_a_longer_window_gives_the_same_vector(layers):
    """Every user has eight training interactions at most, so all of them fit into both windows."""
    cell = "item = embedding(item_id, 4)\npast = history(item, {}) >> " + layers + "\nscore = past @ item"
    short, long = (scorer(shaken(cell.format(length))).query_vectors(user_rows())[0] for length in (9, 13))
    np.testing.assert_allclose(short, long, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("pooled", [
    "(h, h) >> MultiHeadAttention(2, 4) >> GlobalAveragePooling1D()",
    "[h, h] >> Attention() >> GlobalAveragePooling1D()",
    "[h, h] >> AdditiveAttention() >> GlobalAveragePooling1D()",
    "mean((h >> Dense(1) >> Softmax(axis=1)) * h)",
])
def test_attention_does_not_see_the_padding(pooled):
    cell = "item = embedding(item_id, 4)\nh = history(item, {})\npast = " + pooled + "\nscore = past @ item"
    short, long = (scorer(shaken(cell.format(length))).query_vectors(user_rows())[0] for length in (9, 13))
    np.testing.assert_allclose(short, long, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("layers", [
    "Dense(4, sigmoid)", "Dense(4) >> LayerNormalization()", "Conv1D(4, 2, padding='same')",
])
def test_padded_steps_are_zero_after_every_layer(layers):
    program = shaken(f"item = embedding(item_id, 4)\nh = history(item, 12) >> {layers}\nscore = mean(h) @ item")
    value = program.build.shown["h"]
    model = keras.Model(program.cut.query_tower.inputs, [value.tensor, value.mask])
    real = np.arange(12) >= np.array([[12], [7], [0]])
    inputs = {feed.name: real if not feed.table else np.where(real, 3, 0) for feed in program.cut.query_feeds}
    given, mask = map(keras.ops.convert_to_numpy, model([inputs[each.name] for each in program.cut.query_tower.inputs]))
    np.testing.assert_array_equal(mask, real)
    assert not given[~real].any() and np.abs(given[real]).min() > 0


def test_a_user_without_a_past_has_finite_scores():
    for pooled in ("h >> GRU(4)", "mean((h, h) >> MultiHeadAttention(1, 4))", "h >> GlobalAveragePooling1D()",
                   "h >> GlobalMaxPooling1D()",
                   "mean([h, h] >> Attention())", "mean((h >> Dense(1) >> Softmax(axis=1)) * h)"):
        program = shaken(f"item = embedding(item_id, 4)\nh = history(item, 3)\npast = {pooled}\nscore = past @ item")
        assert np.isfinite(np.asarray(scorer(program).score(np.zeros(1, np.int32)))).all(), pooled


def test_a_vector_is_repeated_along_a_sequence():
    program = shaken("item = embedding(item_id, 4)\nwho = embedding(user_id, 4)\nh = history(item, 3) + who\n"
                     "score = mean(h) @ item")
    item, who = (np.asarray(program.build.layers[name][0].embeddings) for name in ("item", "who"))
    scores, log = np.asarray(scorer(program).score(user_rows())), plain_log([TRAIN])
    for user in user_rows():
        past = [row[3] for row in log if row[0] == user][-3:]
        np.testing.assert_allclose(scores[user - 1], item @ (item[past].mean(0) + who[user]), rtol=1e-4, atol=1e-5)
