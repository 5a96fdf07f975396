"""One cell means the same on every backend: batches, losses, gradients, scores, trainings; a process for each."""

import os
import subprocess
import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from recmagic.compiler.vocabulary import folder_objects
from tests.backends.cells import DRAWING, LAYERS, TRAINED, cells

ROOT = Path(__file__).parents[2]
TOLERANCE = 1e-4
SMALLEST = 0.01  # a gradient that is nowhere larger is compared as if it were so large: rounding is not
OTHERS = [pytest.param(name, marks=pytest.mark.skipif(find_spec(name) is None, reason=f"{name} is not installed here"))
          for name in ("torch", "tensorflow")]


@pytest.fixture(scope="module")
def computed(tmp_path_factory):
    """Return what a backend makes of the cells: {"cell|what": array}."""
    folder = tmp_path_factory.mktemp("parity")

    @cache
    def run(backend):
        path = folder / f"{backend}.npz"
        given = [] if backend == "jax" else [folder / "jax.npz"]
        done = subprocess.run([sys.executable, "-m", "tests.backends.parity", path, *given], cwd=ROOT, text=True,
                              capture_output=True, env={**os.environ, "KERAS_BACKEND": backend})
        assert done.returncode == 0, done.stderr[-3000:]
        return dict(np.load(path))

    def both(cell, other):
        return [{key.removeprefix(f"{cell}|"): value for key, value in run(backend).items()
                 if key.startswith(f"{cell}|")} for backend in ("jax", other)]

    return both


@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize("cell", cells())
def test_a_cell_means_the_same(cell, other, computed):
    expected, found = computed(cell, other)
    assert "error" not in expected, expected["error"]
    assert "error" not in found, found["error"]
    assert found.keys() == expected.keys()
    for key, value in expected.items():
        if key == "batches":
            assert found[key] == value, "other negatives, or another order"
        else:
            scale = max(SMALLEST, np.abs(value).max()) if key.startswith("gradient") else 1.0
            np.testing.assert_allclose(found[key], value, rtol=0, atol=TOLERANCE * scale, err_msg=key)
    gradients = [np.abs(value).max() for key, value in expected.items() if key.startswith("gradient")]
    assert cell in DRAWING or max(gradients) > SMALLEST  # there is something to compare


@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize("cell", TRAINED)
def test_two_epochs_go_the_same_way(cell, other, computed):
    expected, found = computed(f"trained: {cell}", other)
    assert "error" not in found, found["error"]
    np.testing.assert_allclose(found["losses"], expected["losses"], rtol=0, atol=TOLERANCE)
    assert expected["losses"][1] < expected["losses"][0]
    np.testing.assert_allclose(found["scores"], expected["scores"], rtol=0, atol=TOLERANCE)  # with JAX's weights


@pytest.mark.parametrize("package, kind", [("recmagic.layers", "layer"), ("recmagic.compiler.words", "value")])
def test_every_word_of_ours_is_compared(package, kind):
    said = "".join(LAYERS.values())
    missing = {name for _, name in folder_objects(package, kind) if f"{name}(" not in said}
    assert not missing, f"tests/backends/cells.py has no cell with {missing}"
