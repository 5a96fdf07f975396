"""The tests that matter to a backend, run on the backends that are installed here but are not this process's own.

A sample, every fourth test; all of them under RECMAGIC_ALL=1.
"""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import keras
import pytest

ROOT = Path(__file__).parents[2]
BACKENDS = ("torch", "tensorflow")
SECONDS = 3600  # a hang is a failure; on two quiet cores a part takes two minutes
# What touches tensors. A process for each: in one that has compiled a thousand programs, TensorFlow comes to its end.
SUITE = ("tests/backends/test_runner.py", "tests/compiler", "tests/layers", "tests/losses", "tests/training",
         "tests/evaluation", "tests/compression/test_smaller.py", "tests/privacy/test_clipping.py",
         "tests/federated/test_equals_central.py",
         "tests/test_model.py", "tests/test_resume.py")


@pytest.mark.parametrize("part", SUITE)
@pytest.mark.parametrize("backend", BACKENDS)
def test_the_suite_passes(backend, part):
    if find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed here")
    if backend == keras.backend.backend():
        pytest.skip(f"this process runs on {backend}")
    every = "1" if os.environ.get("RECMAGIC_ALL") else "4"
    done = subprocess.run([sys.executable, "-m", "pytest", part, "-q", "-p", "no:cacheprovider"], cwd=ROOT,
                          text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=SECONDS,
                          env={**os.environ, "KERAS_BACKEND": backend, "RECMAGIC_EVERY": every})
    assert done.returncode == 0, done.stdout[-6000:]
