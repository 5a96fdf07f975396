"""Every cell of the zoo reads, compiles over films and trains; and each learns what it is shown by heart."""

import re

import numpy as np
import pytest

from recmagic import zoo
from recmagic.compiler.vocabulary import vocabulary
from recmagic.data.dataset import Dataset
from recmagic.errors import ModelError
from recmagic.model import Model
from recmagic.spec import Literal, read, write
from tests.compiler.tiny import METRICS
from tests.training.runs import run
from tests.zoo.cells import SOLVED, TRAINED, cut, program_of, recall_of_training, text_of

EVERY_STEP = {"BERT4Rec", "GRU4Rec", "gSASRec", "HSTU", "NextItNet", "SASRec"}
RETRIEVAL = EVERY_STEP | {"BiasedMF", "BPRMF", "Caser", "ContentMean", "LightGCN", "MultVAE", "TextCNN", "TwoTower"}
OF_RATINGS = {"BiasedMF", "MMoE"}  # they learn ratings, not lists
QUICK = {"BPRMF", "GRU4Rec", "TwoTower"}  # of each kind one trains whenever the tests run
EPOCHS = {"DIN": 80, "FM": 80}  # to know it all by heart, where 40 are not enough
models = pytest.mark.parametrize("name", [
    pytest.param(name, marks=() if name in QUICK else pytest.mark.slow) for name in TRAINED])


def of_all_users(model):
    """A model's ndcg@10."""
    found = model.evaluate().df
    return found[found.model == model.name].iloc[0]["ndcg@10"]


@pytest.mark.parametrize("name", zoo.names())
def test_a_cell_is_short_names_its_paper_and_has_its_numbers_at_the_top(name):
    text = text_of(name)
    paper, *lines = text.rstrip("\n").split("\n")
    assert re.match(r"# [A-Z].* (19|20)\d\d, .{10}", paper) and len(lines) <= 14 and max(map(len, lines)) <= 120
    spec = read(text, vocabulary(METRICS))
    assert read(write(spec), vocabulary(METRICS)) == spec
    literal = [isinstance(each.value, Literal) for each in spec.statements]
    assert literal == sorted(literal, reverse=True)
    assert zoo.settings_of(text) == {each.name: each.value.value for each in spec.statements
                                     if isinstance(each.value, Literal)}
    assert {"score", *(() if name in SOLVED else ("loss",))} <= {each.name for each in spec.statements}


@pytest.mark.parametrize("name", TRAINED)
def test_a_cell_compiles_over_films(name):
    program = program_of(text_of(name), Dataset.load("films"))
    assert program.cut.retrieval == (name in RETRIEVAL)
    assert program.cut.every_step == (name in EVERY_STEP)


@models
def test_a_model_trains_an_epoch_and_is_measured(name):
    model = Model.read(text_of(name), cut(), name=name)
    history = model.train(epochs=1)
    assert np.isfinite(history.epochs[0]["loss"])
    assert 0 <= of_all_users(model) <= 1
    assert len(model.recommend(k=3).df) == 3 * cut().users.count


@models
def test_a_model_learns_fifty_users_by_heart(name):
    off = {each: 0.0 for each in ("dropout", "l2") if f"\n{each} = " in text_of(name)}
    program = program_of(text_of(name, optimizer="Adam(0.01)", **off), cut())
    losses = run(program, EPOCHS.get(name, 40), 16 if program.cut.every_step else 128)
    if name in OF_RATINGS:
        assert losses[-1] < 0.05 < losses[0]
    else:
        assert recall_of_training(program) > 0.95


@pytest.mark.parametrize("name", sorted(SOLVED - {"IALS"}))
def test_a_solved_model_is_fitted_and_measured(name):
    model = Model.from_zoo(name, cut(), name=name)
    assert model.train().epochs
    assert 0 < of_all_users(model) <= 1


def test_a_setting_takes_another_value():
    model = Model.from_zoo("SASRec", cut(), width=24, dropout=0.0)
    assert "width = 24\n" in model.text and "dropout = 0.0\n" in model.text
    assert model.fingerprint == Model.read(zoo.text("SASRec", {"width": 24, "dropout": 0.0}), cut()).fingerprint


@pytest.mark.parametrize("name, settings, message", [
    ("SASRek", {}, "There is no model 'SASRek' in the zoo.\\n  Did you mean SASRec"),
    ("SASRec", {"widht": 3}, "SASRec has no setting 'widht'.\\n  Did you mean width\\? Its settings are width, "),
    ("Markov", {"width": 3}, "Markov has no settings"),
])
def test_what_the_zoo_lacks_is_named(name, settings, message):
    with pytest.raises(ModelError, match=message):
        zoo.text(name, settings)


@pytest.mark.parametrize("call, found", [
    ("SASRec(width=128, dropout=0.0)", ("SASRec", {"width": 128, "dropout": 0.0})), ("EASE", ("EASE", {})),
    ("EASE()", ("EASE", {}))])
def test_a_call_is_read(call, found):
    assert zoo.called(call) == found


@pytest.mark.parametrize("call", ["SASRec(64)", "a.b()", "SASRec(width=", "SASRec(width=__import__('os'))", "1 + 2"])
def test_whatever_else_is_refused(call):
    with pytest.raises(ModelError):
        zoo.called(call)
