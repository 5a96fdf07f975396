"""Federated and private: epsilon is counted by client, told round by round, kept to, and written down."""

import numpy as np
import pytest

pytest.importorskip("flwr")

import recmagic
from recmagic import Model
from recmagic.compiler.own_rows import OwnRows
from recmagic.federated import Federated
from recmagic.privacy import Privacy
from recmagic.privacy.accounting import epsilon_of
from recmagic.training.events import PrivacySpent
from tests.compiler.tiny import data

CELL = "score = embedding(user_id, 4) @ embedding(item_id, 4)\nloss = BPR()\nnegatives = uniform(2)\n" \
       "optimizer = Adam(0.05)\n"


def trained(settings, **privacy):
    model, events = Model.read(CELL, data(), name="quiet"), []
    model.train(federated=Federated(clients=12, **settings), private=Privacy(delta=1e-3, **privacy),
                listen=events.append)
    return model, events


@pytest.fixture(scope="module")
def quiet():
    return trained({"rounds": 5, "fraction": 0.5}, epsilon=3)


def test_epsilon_is_that_of_the_rounds_each_with_a_sample_of_clients(quiet):
    model, events = quiet
    found = model.history.guarantee
    assert (found.unit, found.units, found.rate, found.steps) == ("client", 12, 0.5, 5)
    told = [event.guarantee.epsilon for event in events if isinstance(event, PrivacySpent)]
    expected = [epsilon_of(found.noise, 0.5, rounds, 1e-3) for rounds in (1, 2, 3, 4, 5, 5)]
    assert told == pytest.approx(expected) and 2.9 < told[-1] <= 3
    assert model.history.best_epoch is None


def test_who_is_asked_is_drawn_one_by_one_and_differs_from_run_to_run(quiet):
    asked = [row["clients"] + row["failed"] for row in quiet[0].history.epochs]
    others = [row["clients"] + row["failed"]
              for row in trained({"rounds": 12, "fraction": 0.5}, epsilon=3)[0].history.epochs]
    assert len(set(others)) > 1 and asked != others[:5]


def test_the_guarantee_and_whose_rows_it_leaves_out_are_on_the_card_and_in_the_file(quiet, tmp_path):
    model, _ = quiet
    assert "add or remove one client" in repr(model.card) and "clients were simulated" in repr(model.card)
    assert "DP-FedAvg" in model.history._repr_html_() and "ε " in repr(model.history)
    assert recmagic.load(model.save(tmp_path / "quiet")).history.guarantee == model.history.guarantee


def test_with_noise_of_ones_own_it_ends_when_the_budget_is_spent():
    model, _ = trained({"rounds": 40, "fraction": 0.5}, epsilon=3, noise=1.5)
    history = model.history
    assert history.reason == "spent" and 0 < len(history.epochs) < 40 and history.guarantee.epsilon <= 3


def test_shared_weights_get_noise_and_a_users_own_rows_get_none():
    """With much noise and a tiny clip, rows of items move by the noise alone; users learn from them as they are."""
    model, _ = trained({"rounds": 1}, epsilon=1e6, noise=50.0, clip=0.5)
    before = Model.read(CELL, data()).program
    start, after = ([np.array(each.numpy()) for each in made.cut.variables] for made in (before, model.program))
    table, = OwnRows(before).tables
    items = 1 - table
    assert abs((after[items] - start[items])[1:].std() - 50 * 0.5 / 12) < 1.0
    assert np.abs(after[table] - start[table]).max() < 1
    assert not after[items][0].any() and not after[table][0].any()  # what stands for nobody stays nothing


def test_local_noise_costs_more_and_says_whom_it_protects():
    central, _ = trained({"rounds": 3, "fraction": 0.5}, epsilon=1e6, noise=2.0)
    local, _ = trained({"rounds": 3, "fraction": 0.5, "noise": "local", "strategy": "fedadam"}, epsilon=1e6, noise=2.0)
    # Noise is twice as much here, and no sample hides who took part.
    assert local.history.guarantee.unit == "answers" and local.history.guarantee.rate == 1
    assert local.history.guarantee.epsilon == pytest.approx(epsilon_of(2.0, 1.0, 3, 1e-3))
    assert local.history.guarantee.epsilon > central.history.guarantee.epsilon
    assert "all the weights that it sends are alike" in repr(local.card)
