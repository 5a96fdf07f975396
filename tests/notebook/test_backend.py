"""A backend is chosen before Keras is imported, and never after."""

import os

import pytest

from recmagic.backends import NAMES
from tests.notebook.kernel import Kernel

RUNNING = os.environ["KERAS_BACKEND"]
OTHER = next(name for name in NAMES if name != RUNNING)
INSTALL = f"""import pathlib, sys, tempfile
folder = pathlib.Path(tempfile.mkdtemp())
(folder / "{OTHER}").mkdir()
(folder / "{OTHER}" / "__init__.py").touch()
sys.path.insert(0, str(folder))"""  # a package that is found, and never imported


@pytest.fixture
def fresh():
    """A kernel of its own, in which Keras is not imported yet."""
    started = Kernel()
    for line in ("%load_ext recmagic", INSTALL):
        assert not started.run(line).error
    yield started
    started.close()


def test_before_keras_and_after(fresh, two_tower):
    assert fresh.run(f"%config RecMagic.backend = '{OTHER}'").error == ""
    assert fresh.run("import os; os.environ['KERAS_BACKEND']").text == f"'{OTHER}'"
    assert f"{OTHER} (not loaded yet)" in fresh.run("%recinfo").text
    assert "Did you mean torch?" in fresh.run("%config RecMagic.backend = 'troch'").error
    assert fresh.run("%config RecMagic.backend").text == f"'{OTHER}'"
    fresh.run(f"%config RecMagic.backend = '{RUNNING}'")
    fresh.run("%recdata films films")
    assert fresh.run(two_tower("m")).error == ""
    shown = fresh.run("%recinfo").text
    assert f"backend      {RUNNING}\n" in shown and " GB" in shown and "not known" not in shown
    error = fresh.run(f"%config RecMagic.backend = '{OTHER}'").error
    assert error == (f"MagicError: Keras already runs on {RUNNING} in this kernel.\n"
                     f"  Restart the kernel, then run %config RecMagic.backend = '{OTHER}' first.")
    assert fresh.run(f"%rectrain m --epochs 1 --backend {OTHER}").error == error
    assert fresh.run(f"%rectrain m --epochs 1 --backend {RUNNING}").text.startswith("History('m', 1 epoch")
