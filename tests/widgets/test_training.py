"""The training view: where a run stands, its curves, and a stop that is told at once."""

from dataclasses import replace

import pytest

from recmagic.magics.interrupt import Stop
from recmagic.training.events import Compiled, EpochEnded, Progress, Round, RunEnded, RunStarted
from recmagic.widgets.training import TrainingView
from recmagic.widgets.training.run import MOST_POINTS

START = RunStarted("two_tower", "CPU, JAX 1.0", 7, 4, 1024, 10, 10_240, 5_000, "ndcg@10", 45_432_100, 23_456_789_000)


@pytest.fixture
def clock(monkeypatch):
    now = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    return now


def test_it_follows_a_run(clock):
    view = TrainingView()
    view(START)
    assert "compiling" in view.state["phase"]
    assert view.state["device"] == "on CPU, JAX 1.0 · needs about 45 MB of 23.5 GB"
    view(Compiled(1.25))
    for event in (Progress(1, 10, 10, 0.5, 1e6), EpochEnded(1, 0.5, {"ndcg@10": float("nan")}, 0.1, False),
                  Progress(2, 5, 10, 0.4, 2e6), EpochEnded(2, 0.4, {"ndcg@10": 0.25}, 0.1, True)):
        clock[0] += 1
        view(event)
    assert view.state["ended"] == 2 and view.state["best"] == 2 and view.state["compiled"] == 1.25
    assert view.state["left"] == pytest.approx(2 / 5 * 25)  # five steps in two seconds, 25 to go
    assert view.curve == {"epoch": [1, 2], "loss": [0.5, 0.4], "metrics": {"ndcg@10": [None, 0.25]}}
    view(RunEnded("patience", 2, 2, 3.0))
    assert view.state["over"] and "stopped early" in view.state["phase"] and view.state["left"] is None


def test_a_run_by_clients_tells_rounds_and_bytes(clock):
    view = TrainingView()
    view(replace(START, clients=200, steps=20))
    for event in (Progress(1, 20, 20, 0.5, 1e6), EpochEnded(1, 0.5, {}, 0.1, False, Round(20, 20, 3_000, 4_000)),
                  EpochEnded(2, 0.4, {}, 0.1, True, Round(20, 17, 2_500, 4_000, {"too late": 3}))):
        clock[0] += 1
        view(event)
    assert view.state["clients"] == 200
    assert view.state["told"] == [["last round", "17 of 20 clients, 3 failed"], ["sent to clients", "8 kB"],
                                  ["from clients", "5.5 kB"]]
    view(RunEnded("patience", 2, 2, 3.0))
    assert "no better round" in view.state["phase"]


def test_what_is_compiled_is_not_said_to_be_compiling():
    view = TrainingView()
    view(replace(START, compiles=False))
    assert view.state["phase"] == "starting …"


def test_at_most_ten_messages_a_second(clock):
    view = TrainingView()
    view(START)
    changes = []
    view.observe(changes.append, "state")
    for step in range(1, 1001):
        clock[0] += 0.001
        view(Progress(1, step, 1000, 1 / step, 1e6))
    assert 9 <= len(changes) <= 10


def test_a_long_run_sends_a_short_curve_with_its_best(clock):
    view = TrainingView()
    for epoch in range(1, 2001):
        clock[0] += 1
        view(EpochEnded(epoch, 1 / epoch, {"ndcg@10": 0.1}, 1.0, epoch == 778))
    epochs = view.curve["epoch"]
    assert len(epochs) <= MOST_POINTS + 1 and epochs[0] == 1 and epochs[-1] == 2000 and 778 in epochs


def test_the_button_sets_the_stop_and_the_view_says_so():
    stop = Stop()
    view, sent = TrainingView(stop), []
    view.send = lambda reply, *_: sent.append(reply)
    view._asked(view, {"number": 1, "verb": "here", "options": {}}, [])
    assert sent == [{"number": 1, "answer": True}] and not stop.is_set()
    view._asked(view, {"number": 2, "verb": "stop", "options": {}}, [])
    assert stop.is_set() and view.stopping


def test_a_run_that_nothing_can_stop_has_no_button():
    view, sent = TrainingView(), []
    view.send = lambda reply, *_: sent.append(reply)
    view._asked(view, {"number": 1, "verb": "here", "options": {}}, [])
    assert sent == [{"number": 1, "answer": False}]


def test_the_comm_of_ipykernel_7_4_is_told_to_answer_at_once():
    from recmagic.widgets.training.widget import _answer_while_busy

    class Comm:
        def _reply_subshell_for(self, data, default):
            return "the busy shell"

    comm, plain = Comm(), object()
    _answer_while_busy(comm)
    _answer_while_busy(plain)  # a comm of another version stays as it is
    assert comm._reply_subshell_for({}, "the page's own") == "the page's own"
