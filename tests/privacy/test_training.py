"""A private training from end to end: the budget is kept, told, written down, and the last weights are the model."""

import json

import numpy as np
import pytest

import recmagic
from recmagic import Model
from recmagic.compiler.guarantee import NOT_COVERED, Guarantee
from recmagic.errors import DataError, TrainingError
from recmagic.privacy import Privacy
from recmagic.saving import store
from recmagic.training.events import EpochEnded, PrivacySpent
from tests.compiler.tiny import data

CELL = """score = embedding(user_id, 4) @ embedding(item_id, 4)
loss = BPR()
negatives = uniform(2)
optimizer = Adam(0.05)
"""
ASKED = Privacy(epsilon=3, delta=1e-3)


class StopAfter:
    """Asks for a stop once some chunks of steps have been told."""

    def __init__(self, chunks):
        self.left = chunks

    def is_set(self):
        self.left -= 1
        return self.left < 0


@pytest.fixture(scope="module")
def trained():
    model, events = Model.read(CELL, data(), name="quiet"), []
    model.train(epochs=4, private=ASKED, listen=events.append)
    return model, events


def test_epsilon_is_told_after_each_epoch_and_ends_within_the_budget(trained):
    model, events = trained
    told = [event.guarantee.epsilon for event in events if isinstance(event, PrivacySpent)]
    assert told[:4] == sorted(told[:4]) and 0 < told[0] < told[3] == told[-1]
    assert 2.9 < told[-1] <= 3
    found = model.history.guarantee
    assert found.steps == 4 * -(-24 // model.history.batch) and found.units == 24 and found.unit == "user"


def test_no_epoch_is_chosen_by_validation(trained):
    model, events = trained
    assert model.history.best_epoch is None and not any(each.best for each in events if isinstance(each, EpochEnded))
    assert len(model.history.epochs) == 4


def test_the_guarantee_and_what_it_does_not_cover_are_on_the_card_and_in_the_history(trained):
    model, _ = trained
    for shown in (repr(model.card), model.history._repr_html_(), model.card._repr_html_()):
        assert "differential privacy, add or remove one user" in shown and "popularity" in shown
    assert "ε " in repr(model.history) and " of 3 spent" in repr(model.history)
    assert all(each in model.history.guarantee.sentences[2] for each in NOT_COVERED)


def test_it_is_in_the_saved_file_and_comes_back(trained, tmp_path):
    model, _ = trained
    path = model.save(tmp_path / "quiet")
    assert recmagic.load(path).history.guarantee == model.history.guarantee
    document, arrays = store.read(path)
    assert document["history"]["guarantee"]["says"] == model.history.guarantee.sentences
    for change in ({"epsilon": "3"}, {"unit": "nobody"}, {"delta": -1.0}, {"steps": True}):
        document["history"]["guarantee"] |= change
        store.write(tmp_path / "forged", document, arrays)
        with pytest.raises(DataError, match="guarantee"):
            recmagic.load(tmp_path / "forged")
        document["history"]["guarantee"] = model.history.guarantee.to_json()
    assert Guarantee.from_json(json.loads(json.dumps(model.history.guarantee.to_json()))) == model.history.guarantee


def test_no_two_runs_have_the_same_noise_though_the_seed_is(trained):
    model, _ = trained
    first = [np.array(each.numpy()) for each in model.program.cut.trainable_variables]
    model.train(epochs=4, private=ASKED)
    assert all((one != np.array(each.numpy())).any() for one, each in zip(first, model.program.cut.trainable_variables))


def test_training_stops_when_the_budget_is_spent():
    model = Model.read(CELL, data())
    history = model.train(epochs=50, private=Privacy(epsilon=3, delta=1e-3, noise=4.0))
    assert history.reason == "spent" and 0 < len(history.epochs) < 50
    assert history.guarantee.epsilon <= 3 and "the privacy budget is spent" in repr(history)


def test_a_run_goes_on_with_its_noise_and_no_further_than_its_budget():
    model = Model.read(CELL, data())
    history = model.train(epochs=6, private=ASKED, stop=StopAfter(2))
    spent, noise = history.guarantee, history.guarantee.noise
    assert history.reason == "interrupted" and spent.epsilon < 2.9
    with pytest.raises(TrainingError, match="state of the noise"):
        model.train(resume=True, checkpoint="somewhere")
    history = model.train(resume=True, epochs=9)
    assert history.reason == "spent" and len(history.epochs) == 6
    assert history.guarantee.noise == noise and spent.epsilon < history.guarantee.epsilon <= 3


def test_a_training_without_privacy_afterwards_promises_nothing(trained):
    model, _ = trained
    model.train(epochs=1, private=ASKED)
    assert model.history.guarantee is not None
    model.train(epochs=1)
    assert model.history.guarantee is None and "Private:" not in repr(model.card)


def test_it_learns_when_epsilon_is_large():
    """With next to no noise, a private training brings the loss down as an ordinary one does."""
    model = Model.read(CELL, data())
    history = model.train(epochs=30, batch=24, private=Privacy(epsilon=1e4, delta=1e-3, clip=0.1))
    assert history.epochs[-1]["loss"] < 0.8 * history.epochs[0]["loss"]
