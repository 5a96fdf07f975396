"""Fuzzed cells by the thousand: `KERAS_BACKEND=torch python -m tests.compiler.fuzz 100000` says what came of each.

Every cell compiles or is refused by an error of ours with a place, in bounded time and memory. A cell is known by its
number alone, so a run can be cut into pieces (`--start`) and a bad cell made again. On JAX a cell takes ten times as
long: XLA compiles the draw of each table's shape, and keeps what it compiled.
"""

import argparse
import json
import signal
import sys
import time
import traceback
import warnings
from collections import Counter
from pathlib import Path
from random import Random

from recmagic.errors import SpecError
from recmagic.model import Model
from tests.compiler.random_cells import Cells
from tests.compiler.tiny import data

SECONDS, BYTES = 60, 10**9  # of the processor, and of memory, that one cell may take
KINDS = {
    "grammar": lambda random: Cells(random).cell(),
    "grammar, with odd pieces": lambda random: Cells(random, random.choice((0.02, 0.1, 0.4))).cell(),
    "grammar, exchanged": lambda random: (cells := Cells(random)).mutated(cells.cell()),
    "zoo, exchanged": lambda random: Cells(random).of_the_zoo(),
}
TURNS = ("grammar", "grammar", "grammar, with odd pieces", "grammar, exchanged", "zoo, exchanged")


class TooLong(BaseException):
    """Not an Exception: the compiler may take any of these for what a layer says of its input."""


def kind_of(number: int) -> str:
    return TURNS[number % len(TURNS)]


def text_of(number: int) -> str:
    return KINDS[kind_of(number)](Random(number))


def peak() -> int:
    """The most bytes that this process has held; `getrusage` would count those of whoever started it, if more."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return 1024 * int(line.split()[1])


def compiles(text: str) -> bool:
    """Return whether a cell compiles; anything but that and a refusal with a place is an error here."""
    def late(*given: object) -> None:
        raise TooLong(f"{SECONDS} s were not enough")

    before, former = peak(), signal.signal(signal.SIGPROF, late)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        repr(Model.read(text, data()))
        return True
    except SpecError as error:
        lines = text.split("\n")
        for problem in error.problems:
            assert problem.message and 1 <= problem.place.line <= len(lines), problem
            assert 0 <= problem.place.start < problem.place.end, problem
        return False
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, former)
        assert peak() - before < BYTES, f"it took {peak() - before:,} bytes"


def run(start: int, count: int) -> dict[str, object]:
    """Return what came of so many cells; those that went wrong are told at once."""
    told, failed, slowest = Counter[str](), list[int](), (0.0, -1)
    for number in range(start, start + count):
        text, began = text_of(number), time.process_time()
        try:
            came = "compiled" if compiles(text) else "refused"
        except (Exception, TooLong):
            came = "failed"
            failed.append(number)
            print(f"cell {number}:\n{text}\n{traceback.format_exc()}", file=sys.stderr, flush=True)
        told[f"{kind_of(number)}: {came}"] += 1
        told[came] += 1
        slowest = max(slowest, (time.process_time() - began, number))
        if (number + 1) % 1000 == 0:
            spent = f"{peak() / 1e6:.0f} MB, {time.process_time():.0f} s"
            print(number + 1, dict(told), spent, file=sys.stderr, flush=True)
    return {"start": start, "cells": count, **told, "failed": failed, "peak": peak(), "slowest": slowest,
            "seconds": time.process_time()}


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("count", type=int)
    parser.add_argument("--start", type=int, default=0)
    asked = parser.parse_args()
    warnings.simplefilter("ignore")  # Keras's, of odd shapes
    print(json.dumps(run(asked.start, asked.count)))
