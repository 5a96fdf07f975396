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
SECONDS = 1200  # on two busy cores; four minutes on two quiet ones
# What touches tensors, but for what is slow to compile there and compared by test_parity anyway.
SUITE = ("tests/backends/test_runner.py", "tests/compiler", "tests/layers", "tests/losses", "tests/training",
         "tests/evaluation", "tests/test_model.py", "tests/test_resume.py")


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_suite_passes(backend):
    if find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed here")
    if backend == keras.backend.backend():
        pytest.skip(f"this process runs on {backend}")
    done = subprocess.run([sys.executable, "-m", "pytest", *SUITE, "-q", "-p", "no:cacheprovider"], cwd=ROOT, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=SECONDS,
                          env={**os.environ, "KERAS_BACKEND": backend})
    assert done.returncode == 0, done.stdout[-6000:]
