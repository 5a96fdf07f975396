"""A federated training from end to end: what is sent, what stays, what is told, and which weights are kept."""

import numpy as np
import pytest

pytest.importorskip("flwr")

import recmagic
from recmagic import Model
from recmagic.compiler.own_rows import OwnRows
from recmagic.errors import TrainingError
from recmagic.federated import Federated, listening
from recmagic.training.clients import Clients, Work
from recmagic.training.events import Compiled, EpochEnded, Progress, RunStarted
from tests.compiler.tiny import compiled, data

CELL = """score = embedding(user_id, 4) @ embedding(item_id, 4) + bias(user_id)
loss = BPR()
negatives = uniform(2)
optimizer = Adam(0.05)
"""


def trained(cell=CELL, **settings):
    model, events = Model.read(cell, data(), name="apart"), []
    before = [np.array(each.numpy()) for each in model.program.cut.variables]
    model.train(federated=Federated(**settings), listen=events.append, patience=None)
    return model, before, events


@pytest.fixture(scope="module")
def apart():
    return trained(clients=6, rounds=4, epochs=2)


def test_a_run_tells_its_rounds(apart):
    model, _, events = apart
    started = next(each for each in events if isinstance(each, RunStarted))
    rounds = [each for each in events if isinstance(each, EpochEnded)]
    assert (started.clients, started.epochs, started.steps) == (6, 4, 6)
    assert [each.step for each in events if isinstance(each, Progress)] == [1, 2, 3, 4, 5, 6] * 4
    assert [each.round.done for each in rounds] == [6] * 4 and rounds[-1].loss < rounds[0].loss
    table = model.history.df
    assert list(table["clients"]) == [6] * 4 and list(table["failed"]) == [0] * 4
    # 16 items of width 4, as float32, and a little for the array.
    assert (table["up"] == table["down"]).all() and 6 * 4 * 64 < table["up"][0] < 6 * (4 * 64 + 160)
    assert "4 rounds of 6 clients" in repr(model.history) and "at round" in repr(model.history)
    page = model.history._repr_html_()
    assert "Rows of their own users stayed with them." in page and "Rounds 1 to 4" in page


def test_one_model_is_compiled_for_all_clients(apart):
    _, _, events = apart
    assert sum(isinstance(each, Compiled) for each in events) == 1


def test_what_is_kept_is_the_best_round_and_recommends(apart, tmp_path):
    model, _, events = apart
    rounds = [each for each in events if isinstance(each, EpochEnded)]
    best = max(rounds, key=lambda each: next(iter(each.metrics.values())))
    assert model.history.best_epoch == best.epoch
    back = recmagic.load(model.save(tmp_path / "apart"))
    assert back.history.epochs == model.history.epochs and back.history.clients == 6
    assert list(back.recommend([3], k=3).df["item_id"]) == list(model.recommend([3], k=3).df["item_id"])


def test_the_same_seed_gives_the_same_weights(apart):
    model, _, _ = apart
    again, _, _ = trained(clients=6, rounds=4, epochs=2)
    for one, other in zip(model.program.cut.variables, again.program.cut.variables):
        np.testing.assert_array_equal(one.numpy(), other.numpy())


def test_users_are_dealt_to_clients_evenly_and_each_once():
    program = compiled(CELL)
    clients = Clients(program, 5, None, Work(), 0).clients
    users = [set(each.users) for each in clients]
    assert sorted(map(len, users)) == [4, 5, 5, 5, 5] and set.union(*users) == set(range(1, 25))
    assert all(set(each.examples.users) == set(each.users) for each in clients)
    assert [len(each.users) for each in Clients(program, 1000, None, Work(), 0).clients] == [1] * 24


def test_rows_of_users_are_in_no_message_and_change_for_their_own_client_only(monkeypatch):
    sent = []
    size = listening.size
    monkeypatch.setattr(listening, "size", lambda content: sent.append(content) or size(content))
    model, before, _ = trained(clients=24, rounds=1, fraction=0.25)
    parts = OwnRows(model.program)
    assert len(parts.tables) == 2 and len(sent) == 1 + 6
    for content in sent:
        assert sorted(each.numpy().shape for each in content["arrays"].values()) == [(16, 4)]
    after = [np.array(each.numpy()) for each in model.program.cut.variables]
    changed = [set(np.flatnonzero((after[place] != before[place]).any(axis=1))) for place in parts.tables]
    whole = max(changed, key=len)  # BPR says nothing to a bias of the user but rounding
    assert len(whole) == 6 and 0 not in whole and set.union(*changed) == whole


def test_dropouts_and_stragglers_fail_and_the_others_train():
    model, _, _ = trained(clients=24, rounds=6, dropouts=0.2, stragglers=0.3)
    failures, table = model.history.failures, model.history.df
    assert set(failures) == {"dropped out", "too late"} and sum(failures.values()) == table["failed"].sum()
    assert 10 < failures["dropped out"] < 50 and 20 < failures["too late"] < 70  # of 144
    assert (table["clients"] + table["failed"] == 24).all() and (table["up"] < table["down"]).all()
    assert "Answers that did not count:" in model.history._repr_html_()


def test_a_round_in_which_everybody_fails_leaves_the_shared_weights():
    model, before, events = trained(clients=2, rounds=8, dropouts=0.999)
    assert all(each.round.done == 0 for each in events if isinstance(each, EpochEnded))
    for one, other in zip(before, model.program.cut.variables):
        np.testing.assert_array_equal(one, other.numpy())


def test_a_stop_keeps_what_was_learned_and_a_stop_at_once_changes_nothing():
    class Stop:
        def __init__(self, after):
            self.left = after

        def is_set(self):
            self.left -= 1
            return self.left < 0

    model = Model.read(CELL, data())
    history = model.train(federated=Federated(clients=6, rounds=50), stop=Stop(30))
    assert history.reason == "interrupted" and 0 < len(history.epochs) < 6 and model.trained
    fresh = Model.read(CELL, data())
    before = [np.array(each.numpy()) for each in fresh.program.cut.variables]
    assert not fresh.train(federated=Federated(clients=6), stop=Stop(2), seed=7).epochs and not fresh.trained
    for one, other in zip(before, fresh.program.cut.variables):
        np.testing.assert_array_equal(one, other.numpy())


def test_clients_whose_numbers_run_away_end_the_run_with_a_remedy():
    with pytest.raises(TrainingError, match=r"NaN in round \d") as caught:
        trained(CELL.replace("BPR()", "MeanSquaredError()").replace("negatives = uniform(2)\n", "")
                .replace("Adam(0.05)", "SGD(1e30)"), clients=3, rounds=9, epochs=9)
    assert "smaller learning rate" in caught.value.hint
