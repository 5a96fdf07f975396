"""Progress shows where things stand, and not more often than a front end can follow."""

from dataclasses import replace

import pytest

from recmagic.compiler.guarantee import Guarantee
from recmagic.training.events import Compiled, EpochEnded, PrivacySpent, Progress, RunEnded, RunStarted
from recmagic.widgets.progress import progress
from recmagic.widgets.progress.status import short
from recmagic.widgets.training.run import RunSoFar

START = RunStarted("two_tower", "CPU, JAX 1.0", 7, 4, 1024, 10, 10_240, 5_000, "ndcg@10", 45_432_100, 23_456_789_000)


def test_memory_that_no_one_tells_is_not_told():
    assert replace(START, memory=None).size == "needs about 45 MB"


def test_the_line_is_written_once_a_second(monkeypatch, capsys):
    clock = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: clock[0])
    view = progress("training", False)
    view(START)
    for step in range(1, 25):
        clock[0] += 0.125
        view(Progress(1, step, 24, 1 / step, 1e6))
    view(RunEnded("finished", 1, None, 3.0))
    view.close()
    out = capsys.readouterr().out
    assert out.startswith("on CPU, JAX 1.0 · needs about 45 MB of 23.5 GB\n") and out.count("needs") == 1
    assert out.count("\r") == 5 and out.endswith("\n") and "done" in out


def test_the_line_tells_of_a_run(capsys):
    view = progress("training", False)
    view(START)
    assert "two_tower · compiling" in capsys.readouterr().out
    view(Compiled(1.25))
    view(Progress(2, 5, 10, 0.5, 1_234_567.0))
    view(EpochEnded(2, 0.4, {"ndcg@10": 0.25}, 0.1, True))
    view(RunEnded("patience", 2, 2, 3.0))
    assert capsys.readouterr().out.endswith(
        "two_tower · stopped early · epoch 2/4 · loss 0.4 · ndcg@10 0.2500 · best so far at epoch 2 · "
        "1.23 M examples/s · compiled in 1.2 s"
    )


def test_a_download_is_a_bar():
    view = progress("download", True)
    view(500, 1000)
    view(1000, 1000)
    bar, text = view.widget.children[0].children
    assert (bar.value, bar.max) == (1000, 1000) and text.value == "downloading · 1 kB of 1 kB"


def test_a_download_of_unknown_length(capsys):
    view = progress("download", False)
    view(500, None)
    view(2_000_000, 2_000_000)
    assert "downloading · 2 MB of 2 MB" in capsys.readouterr().out


@pytest.mark.parametrize("number, text", [(0, "0 "), (999, "999 "), (1234, "1.23 k"), (5e6, "5 M"), (2.5e9, "2.5 G")])
def test_short(number, text):
    assert short(number) == text


def test_what_privacy_costs_is_told_in_the_line_and_in_the_view(capsys):
    spent = PrivacySpent(Guarantee(1.3141, 4.0, 1e-5, "user", 1000, 0.1, 20, 1.1, 0.1, 20))
    view = progress("training", False)
    view(START)
    view(spent)
    view(RunEnded("spent", 2, None, 3.0))
    assert "ε 1.31 of 4" in capsys.readouterr().out
    run = RunSoFar()
    run.take(START)
    assert not run.take(spent) and run.state["privacy"] == "ε 1.31 of 4"
