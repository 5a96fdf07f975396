"""A kernel that works on and on holds no more than before, and two notebooks leave each other's files alone.

A sample: `python tests/benchmarks/load.py` asks for a thousand lists and trains two hundred times.
"""

import time

import pytest

from tests.notebook.kernel import Kernel
from tests.notebook.load import PREPARE, cell, counted


@pytest.fixture(scope="module")
def trained():
    kernel = Kernel()
    for line in (*PREPARE, cell(0), "%rectrain m --epochs 1"):
        assert not kernel.run(line, cell="declared").error
    yield kernel
    kernel.close()


@pytest.mark.parametrize("line, number", [("%recommend m --user 42", 60), ("%rectrain m --epochs 1", 9)])
def test_what_is_asked_again_and_again_leaves_nothing_behind(trained, line, number):
    def held_after(number):
        for _ in range(number):
            assert not trained.run(line, cell="asked").error
        return counted(trained)

    before = held_after(3)
    assert_no_more(held_after(number), before)


def test_a_model_that_is_declared_anew_takes_the_place_of_the_former(trained):
    held = []
    for number in (1, 2):
        for line in (cell(number), "%rectrain m --epochs 1"):
            assert not trained.run(line, cell=line[:9]).error
        held.append(counted(trained))
    assert_no_more(held[1], held[0])
    assert held[1]["models"] == 1 and held[1]["programs"] <= 2  # an older list may be on the page


def assert_no_more(later, before):
    """Nothing is left that counts; IPython itself holds on to a result or two."""
    ours, former = later.pop("objects of ours"), before.pop("objects of ours")
    assert later == before and ours < former + 9


def test_a_view_lives_as_long_as_its_cell_shows_it(trained):
    views = counted(trained)["views"]
    for name in ("one", "two"):
        assert not trained.run("%recommend m --user 42", cell=name).error
    assert counted(trained)["views"] == views + 2
    trained.run("1 + 1", cell="one")
    assert counted(trained)["views"] == views + 1


def test_two_notebooks_leave_each_others_checkpoints_alone(trained, tmp_path):
    first, second = trained, Kernel()
    try:
        for number, kernel in enumerate((first, second)):
            for line in (f"%cd -q {tmp_path}", *PREPARE, cell(number)):
                assert not kernel.run(line).error
        running = first.client.execute("h = %rectrain m --epochs 5000 --patience 5000 --checkpoint every=epoch")
        assert running
        while not (tmp_path / "checkpoints" / "m" / "model.json").exists():
            time.sleep(0.1)
        error = second.run("%rectrain m --epochs 1 --checkpoint every=epoch").error
        assert error.startswith("TrainingError: Another run keeps itself in checkpoints/m"), error
        assert "to=ANOTHER_FOLDER" in error
        assert not second.run("%rectrain m --epochs 2 --checkpoint every=epoch to=checkpoints/other").error
        first.manager.interrupt_kernel()
        assert first.run("h.reason").text == "'interrupted'"
        for kernel, place in ((first, "m"), (second, "other")):
            assert kernel.run("m.fingerprint").text.strip("'") in (tmp_path / "checkpoints" / place
                                                                   / "model.json").read_text()
        first.run("whole = len(h.epochs) + 2")
        assert not first.run("%rectrain m --resume --epochs $whole --checkpoint every=epoch").error
    finally:
        second.close()
