"""A kernel that works on and on holds no more than before, and two notebooks leave each other's files alone.

A sample: `python tests/benchmarks/load.py` asks for a thousand lists and trains two hundred times.
"""

import time

import pytest

from tests.notebook.kernel import Kernel
from tests.notebook.load import PREPARE, cell, counted

LISTS, TRAININGS, ANEW = 60, 9, 3
WARM = 3  # results that IPython itself holds on to: _, __ and ___


@pytest.fixture(scope="module")
def trained():
    kernel = Kernel()
    for line in (*PREPARE, cell(0), "%rectrain m --epochs 1"):
        assert not kernel.run(line, cell="declared").error
    yield kernel
    kernel.close()


def test_lists_and_trainings_leave_nothing_behind(trained):
    def held_after(line, number):
        for _ in range(number):
            assert not trained.run(line, cell="asked").error
        return counted(trained)

    once = held_after("%recommend m --user 42", WARM)
    assert held_after("%recommend m --user 42", LISTS) == once
    assert held_after("%recommend m --user 42; m", 1)["views"] == once["views"]  # a card in its place, and no more
    once = held_after("%rectrain m --epochs 1", WARM)
    assert held_after("%rectrain m --epochs 1", TRAININGS) == once
    anew = []
    for number in range(1, 1 + ANEW):
        assert not trained.run(cell(number), cell="declared").error
        anew.append(held_after("%rectrain m --epochs 1", 1))
    assert anew[1:] == anew[:1] * (ANEW - 1) and anew[0]["models"] == anew[0]["programs"] == 1


def test_a_view_lives_as_long_as_its_cell_shows_it(trained):
    views = counted(trained)["views"]
    for name in ("one", "two"):
        assert not trained.run("%recommend m --user 42", cell=name).error
    assert counted(trained)["views"] == views + 2
    trained.run("1 + 1", cell="one")
    assert counted(trained)["views"] == views + 1


def test_two_notebooks_leave_each_others_checkpoints_alone(tmp_path):
    notebooks = [Kernel(), Kernel()]
    try:
        for number, kernel in enumerate(notebooks):
            for line in (f"%cd -q {tmp_path}", *PREPARE, cell(number)):
                assert not kernel.run(line).error
        first, second = notebooks
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
        assert not first.run("%rectrain m --resume --epochs $len(h.epochs)+1").error
    finally:
        for kernel in notebooks:
            kernel.close()
