"""A history is what the events said, no more and no less."""

from recmagic.training.events import Compiled, EpochEnded, Progress, RunEnded, RunStarted
from recmagic.training.history import History

START = RunStarted("two_tower", "cpu", 7, 20, 1024, 10, 10_240, 5_000, "ndcg@10", 45_432_100, 23_456_789_000)


def told(*events):
    history = History()
    for event in events:
        history.record(event)
    return history


def whole_run():
    return told(
        START,
        Compiled(1.5),
        EpochEnded(1, 2.0, {"ndcg@10": 0.1}, 0.4, True),
        Progress(2, 5, 10, 1.9, 1e6),
        EpochEnded(2, 1.5, {"ndcg@10": 0.3}, 0.4, True),
        EpochEnded(3, 1.2, {"ndcg@10": 0.2}, 0.4, False),
        RunEnded("patience", 3, 2, 2.7),
    )


def test_rows_are_the_epochs():
    frame = whole_run().df
    assert list(frame.columns) == ["epoch", "loss", "ndcg@10", "seconds"]
    assert frame["loss"].tolist() == [2.0, 1.5, 1.2]


def test_one_epoch_is_no_epochs():
    history = told(START, EpochEnded(1, 2.0, {}, 0.4, True), RunEnded("finished", 1, 1, 2.7))
    assert repr(history).startswith("History('two_tower', 1 epoch, ")


def test_the_best_epoch_is_told():
    history = whole_run()
    assert (history.best_epoch, history.compile_seconds, history.seed) == (2, 1.5, 7)
    assert repr(history) == (
        "History('two_tower', 3 epochs, loss 1.2000, best ndcg@10 0.3000 at epoch 2, "
        "no better epoch for a while, so it stopped early)"
    )


def test_html_has_a_curve_and_a_table():
    page = whole_run()._repr_html_()
    assert page.count("<svg") == 2 and "<caption" in page and "best at epoch 2" in page
    assert "seed 7, batch 1,024, cpu (needs about 45 MB of 23.5 GB), 2.7 s" in page


def test_a_run_that_goes_on_is_one_run():
    history = whole_run()
    for event in (START, EpochEnded(3, 1.1, {"ndcg@10": 0.4}, 0.4, True), RunEnded("finished", 3, 3, 1.3)):
        history.record(event)
    assert history.df["loss"].tolist() == [2.0, 1.5, 1.1]
    assert (history.best_epoch, history.reason, history.seconds) == (3, "finished", 4.0)


def test_a_run_cut_short_still_shows():
    history = told(START, RunEnded("interrupted", 1, None, 0.5))
    assert history.df.empty and "interrupted" in repr(history)
    assert "<svg" not in history._repr_html_()


def test_a_hostile_model_name_is_text():
    history = whole_run()
    history.model = "<img src=x onerror=alert(1)>"
    assert "<img src=x" not in history._repr_html_()
