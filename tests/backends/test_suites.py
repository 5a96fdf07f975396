"""The tests that matter to a backend, run on the backends that are installed here but are not this process's own."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import keras
import pytest

ROOT = Path(__file__).parents[2]
BACKENDS = ("torch", "tensorflow")
SECONDS = 1200  # on two busy cores; two minutes on two quiet ones
# What touches tensors. A process for each: in one that has compiled a thousand programs, TensorFlow comes to its end.
SUITE = ("tests/backends/test_runner.py", "tests/compiler", "tests/layers", "tests/losses", "tests/training",
         "tests/evaluation", "tests/test_model.py", "tests/test_resume.py")
# Every test of these compiles two programs, Keras's own fit or a second training, for seven seconds on TensorFlow.
DEAR = ("tests/training/test_brought_equals_fit.py", "tests/training/test_callbacks.py", "tests/training/test_leaks.py")


@pytest.mark.parametrize("part", SUITE)
@pytest.mark.parametrize("backend", BACKENDS)
def test_the_suite_passes(backend, part):
    if find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed here")
    if backend == keras.backend.backend():
        pytest.skip(f"this process runs on {backend}")
    sampled = backend == "tensorflow" and not os.environ.get("RECMAGIC_ALL")
    left_out = [f"--ignore={path}" for path in DEAR if sampled]
    done = subprocess.run([sys.executable, "-m", "pytest", part, *left_out, "-q", "-p", "no:cacheprovider"], cwd=ROOT,
                          text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=SECONDS,
                          env={**os.environ, "KERAS_BACKEND": backend})
    assert done.returncode == 0, done.stdout[-6000:]
