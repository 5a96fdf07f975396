"""%recmodel takes a model of the zoo by its name, prints its cell, and shows a model of the notebook."""

import pytest
from IPython.core.interactiveshell import InteractiveShell

import recmagic
from recmagic import zoo
from tests.compiler.tiny import data


@pytest.fixture
def shell():
    made = InteractiveShell.instance()
    recmagic.load_ipython_extension(made)
    made.push({"films": data()})
    yield made
    recmagic.unload_ipython_extension(made)
    InteractiveShell.clear_instance()


@pytest.mark.parametrize("line", [
    "mine = BPRMF(width=8)", "mine=BPRMF(width=8)", "mine = BPRMF(width = 8) --data films"])
def test_a_model_of_the_zoo_gets_a_name(shell, line):
    card = shell.run_line_magic("recmodel", line)
    assert card.name == "mine" and shell.user_ns["mine"].text == zoo.text("BPRMF", {"width": 8})
    assert repr(shell.run_line_magic("recmodel", "mine")) == repr(card)


def test_the_same_line_again_keeps_the_weights(shell):
    shell.run_line_magic("recmodel", "mine = BPRMF(width=8)")
    former = shell.user_ns["mine"]
    former.train(epochs=1)
    assert "trained" in repr(shell.run_line_magic("recmodel", "mine = BPRMF(width=8)"))
    assert shell.user_ns["mine"] is former
    assert "new, untrained model" in repr(shell.run_line_magic("recmodel", "mine = BPRMF(width=9)"))


def test_a_name_of_the_zoo_prints_its_cell(shell):
    assert shell.run_line_magic("recmodel", "SASRec") == zoo.text("SASRec")
    assert "width = 128" in shell.run_line_magic("recmodel", "SASRec(width=128)")


@pytest.mark.parametrize("line, message", [
    ("mine = BPRMFF()", "ModelError: There is no model 'BPRMFF' in the zoo.\n  Did you mean BPRMF?"),
    ("mine = BPRMF(widht=3)", "ModelError: BPRMF has no setting 'widht'.\n  Did you mean width?"),
    ("mine = BPRMF(3)", "ModelError: This is no model of the zoo: BPRMF(3)"),
    ("yours", "MagicError: There is no model and no word 'yours'."),
    ("Dens", "MagicError: There is no model and no word 'Dens'.\n  Did you mean Dense?"),
    ("films", "MagicError: 'films' is a Dataset, not a model."),
    ("", "MagicError: %recmodel needs NAME.\n  Or list the words of the language: %recmodel --words"),
])
def test_mistakes_are_named(shell, capsys, line, message):
    shell.run_cell(f"%recmodel {line}")
    assert message in capsys.readouterr().out


@pytest.mark.parametrize("line, message", [
    ("recmodel wide = mine(width=9)", "'mine' is a cell of yours, and only the zoo's models are called with settings."),
    ("rectrain EASE", "There is no model 'EASE' in this notebook, but one in the zoo.\n"
     "  Declare it first: %recmodel ease = EASE()"),
    ("rectrain mine other", "does not know what to do with 'other'.\n  Where it takes one, write a line for each"),
    ('recommend mine --where "nothing"', "No item fits 'nothing'.\n  Write a condition"),
])
def test_mistakes_with_a_model_at_hand(shell, capsys, line, message):
    shell.run_line_magic("recmodel", "mine = BPRMF(width=8)")
    shell.user_ns["mine"].train(epochs=1)
    shell.run_cell(f"%{line}")
    assert message in capsys.readouterr().out


def test_models_are_blended_and_switched_in_a_line(shell):
    for line in ("a = BPRMF(width=8)", "b = EASE()"):
        shell.run_line_magic("recmodel", line)
    for name in "ab":
        shell.user_ns[name].train(**({"epochs": 1} if name == "a" else {}))
    assert "0.7 × a + 0.3 × b" in repr(shell.run_line_magic("recblend", "both = a b --weights 0.7 0.3"))
    assert shell.run_line_magic("receval", "both a --compare --k 5").first == "both"
    assert "fewer than 5" in repr(shell.run_line_magic("recblend", "both=a b --below 5"))
    assert shell.user_ns["both"].recommend(k=2) is not None


def test_similar_items_in_a_line(shell):
    shell.run_line_magic("recmodel", "a = BPRMF(width=8)")
    shell.user_ns["a"].train(epochs=1)
    assert len(shell.run_line_magic("recsimilar", "a --item 3 4 -k 2").df) == 4
    assert shell.run_line_magic("recsimilar", "a --user 3 -k 2").side == "users"


def test_similar_to_nothing_is_asked_back(shell, capsys):
    shell.run_line_magic("recmodel", "a = BPRMF(width=8)")
    shell.run_cell("%recsimilar a")
    assert "MagicError: Similar to what?" in capsys.readouterr().out


def test_every_word_is_listed_by_kind(shell):
    listed = shell.run_line_magic("recmodel", "--words")
    text, page = repr(listed), listed._repr_html_()
    for said in ("value (", "  embedding(column, width, l2=0.0, initializer='uniform', …): ", "  relu: ", "  WARP(): "):
        assert said in text
    assert page.count("<details open>") == 3 and page.count("<details") == len({word.kind for word in listed.words})
    assert all(f">{word.name}" in page for word in listed.words)


def test_a_word_tells_what_it_takes_and_does(shell):
    text = shell.run_line_magic("recmodel", "Dense")
    assert text.startswith("Dense(units, activation=None, ") and "a layer of the cell language" in text
    assert shell.run_line_magic("recmodel", "catalogue").startswith("catalogue()\nnegatives of the cell language")
    assert shell.run_line_magic("recmodel", "recent").startswith("recent(half_life)\nweights of the cell language")


def test_a_name_of_two_kinds_tells_both_and_a_model_goes_first(shell):
    text = shell.run_line_magic("recmodel", "Identity")
    assert "a layer of the cell language" in text and "an initializer of the cell language" in text
    shell.run_line_magic("recmodel", "Dense = BPRMF(width=8)")
    assert shell.run_line_magic("recmodel", "Dense").name == "Dense"


def test_a_cell_needs_a_name(shell, capsys):
    shell.run_cell("%%recmodel\nscore = bias(user_id) + bias(item_id)")
    assert "MagicError: The model needs a name." in capsys.readouterr().out
