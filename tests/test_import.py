"""Importing us, and loading the extension, imports nothing heavy: Keras's backend is still to be chosen."""

import subprocess
import sys

import pytest

HEAVY = ["keras", "keras_rs", "jax", "torch", "tensorflow", "pandas", "numpy", "scipy", "duckdb", "ipywidgets",
         "zmq", "recmagic.spec"]
LOAD = """from IPython.core.interactiveshell import InteractiveShell
InteractiveShell.instance().run_line_magic('load_ext', 'recmagic')"""


def fresh(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("code", ["import recmagic", LOAD], ids=["import", "load_ext"])
def test_nothing_heavy_is_imported(code):
    loaded = f"import sys; before = set(sys.modules)\n{code}\nprint(sorted(set({HEAVY}) & set(sys.modules) - before))"
    assert fresh(loaded).strip() == "[]"


def test_public_names_are_few_and_all_there():
    import recmagic

    assert len(recmagic.__all__) < 12
    for name in recmagic.__all__:
        assert getattr(recmagic, name) is not None
    with pytest.raises(AttributeError, match="nothing"):
        _ = recmagic.nothing
