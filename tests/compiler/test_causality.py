"""Where every step predicts the next item, a layer that sees later steps is refused, with the caret under it."""

import pytest

from recmagic.errors import SpecError
from tests.compiler.tiny import compiled

ITEM = "item = embedding(item_id, 4)\n"
RICH = "item = concat(embedding(item_id, 4), embedding(genres, 2)) >> Dense(4)\n"


@pytest.mark.parametrize("item", [ITEM, RICH], ids=["id", "looked up"])
@pytest.mark.parametrize("layers", [
    "GRU(4, return_sequences=True)",
    "LSTM(4, return_sequences=True)",
    "Conv1D(4, 3, padding='causal')",
    "Dense(4) >> LayerNormalization() >> Dropout(0.2)",
    "BatchNormalization()",
])
def test_causal_layers_make_every_step_a_query(item, layers):
    program = compiled(f"{item}past = history(item, 6) >> {layers}\nscore = past @ item")
    assert program.cut.every_step and program.cut.retrieval


@pytest.mark.parametrize("item", [ITEM, RICH], ids=["id", "looked up"])
@pytest.mark.parametrize("layers", [
    "Dense(4) >> <Bidirectional(GRU(2, return_sequences=True))>",
    "<Conv1D(4, 3, padding='same')> >> GRU(4, return_sequences=True)",
    "<GRU(4, return_sequences=True, go_backwards=True)>",
    "Dense(4) >> <Softmax(axis=1)>",
])
def test_a_layer_that_sees_later_steps_is_shown(item, layers):
    assert_shown(f"{item}past = history(item, 6) >> {layers}\nscore = past @ item")


@pytest.mark.parametrize("line", [
    "past = (h, h) >> <MultiHeadAttention(1, 4)>",
    "past = [h, h] >> <Attention()>",
    "past = (h, h) >> <MultiHeadAttention(1, 4)> >> GRU(4, return_sequences=True)",
])
def test_attention_over_all_steps_is_shown(line):
    assert_shown(f"{ITEM}h = history(item, 6)\n{line}\nscore = past @ item")


@pytest.mark.parametrize("score", [
    "(concat(h, mean(h)) >> Dense(4)) @ item",
    "concat(h * item, mean(h) * item) >> Dense(1)",
    "(concat(h, mean(profile(item))) >> Dense(4)) @ item",
])
def test_a_vector_of_the_whole_past_at_every_step_is_refused(score):
    with pytest.raises(SpecError, match="sees later ones"):
        compiled(f"{ITEM}h = history(item, 6) >> GRU(4, return_sequences=True)\nscore = {score}")


@pytest.mark.parametrize("score", [
    "profile(item) @ item",
    "(profile(item) >> GRU(4, return_sequences=True)) @ item",
    "concat(profile(item), item) >> Dense(1)",
])
def test_a_profile_is_a_set_and_none_of_its_steps_a_query(score):
    with pytest.raises(SpecError, match="The score is a set") as caught:
        compiled(f"{ITEM}score = {score}")
    assert "mean(profile(…))" in str(caught.value)


def test_zero_weights_hide_no_leak():
    assert_shown(f"{ITEM}past = history(item, 6) >> <Conv1D(4, 3, padding='same', kernel_initializer='zeros')>\n"
                 "score = past @ item")


def test_one_vector_of_the_past_needs_no_causality():
    program = compiled(f"{ITEM}past = mean(history(item, 6) >> Bidirectional(GRU(2, return_sequences=True)))\n"
                       "score = past @ item")
    assert not program.cut.every_step


def assert_shown(marked):
    start = marked.index("<")
    end = marked.index(">", marked.index(")>")) if ")>" in marked else marked.rindex(">")
    text = marked[:start] + marked[start + 1:end] + marked[end + 1:]
    with pytest.raises(SpecError) as caught:
        compiled(text)
    place = caught.value.problems[0].place
    assert caught.value.problems[0].message.startswith("A step of this sequence sees later ones")
    assert text.split("\n")[place.line - 1][place.start:place.end] == marked[start + 1:end]
