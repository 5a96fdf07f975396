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
    ("yours", "MagicError: There is no model 'yours'."),
])
def test_mistakes_are_named(shell, capsys, line, message):
    shell.run_cell(f"%recmodel {line}")
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
