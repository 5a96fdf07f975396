"""Whatever the cell, it compiles or is refused by an error of ours with a place, in bounded time and memory."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.compiler import fuzz

ROOT = Path(__file__).parents[2]
COUNT = 10_000 if os.environ.get("RECMAGIC_ALL") == "1" else 2_000
PEAK = 2 * 10**9  # bytes of the whole process, of which the frameworks take a fourth


def test_thousands_of_cells() -> None:
    """In a process of its own on torch, where a cell takes a tenth of the time and leaves nothing compiled behind."""
    done = subprocess.run([sys.executable, "-m", "tests.compiler.fuzz", str(COUNT)], cwd=ROOT, capture_output=True,
                          text=True, env={**os.environ, "KERAS_BACKEND": "torch"})
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    print(told)
    assert not told["failed"], done.stderr
    assert told["cells"] == told["compiled"] + told["refused"] == COUNT
    assert told["compiled"] > COUNT / 3 and told["refused"] > COUNT / 5, "one kind of outcome is hardly tried"
    assert told["grammar: compiled"] > 0.9 * 2 * COUNT / 5, "the grammar makes cells that do not fit"
    assert told["peak"] < PEAK


@pytest.mark.parametrize("number", range(16))
def test_cells_on_this_backend(number: int) -> None:
    fuzz.compiles(fuzz.text_of(number))
