"""Prints the table of speeds: for each work its engines, as ratios paired by round, in Markdown for the README.

python tests/benchmarks/training.py [--works bpr-1m neumf] [--engines 'recmagic*' scan] [--rounds 3] [--epochs 3]

Each engine runs in a process of its own; a round runs every engine once, one after the other. Measure alone. Peers live
in environments of their own under --venvs (dev, torch, tensorflow, recbole, implicit, cornac, numba) and are skipped by
name where they are absent; without an environment, an engine runs here if its package is installed here.
"""

from __future__ import annotations

import argparse
import os
import platform
from collections.abc import Sequence
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from running import Engine, Failure, measure
from table import rows
from works import WORKS, Work

Round = dict[str, dict[str, Any]]  # engine -> what it said
LONG = {"quality-sasrec"}  # works that are run only when named


def run(name: str, work: Work, engines: Sequence[Engine], asked: argparse.Namespace) -> tuple[list[Round], list[str]]:
    """Run the rounds of a work; return what each engine said in each, and a line for each engine that has nothing.

    Every other round runs the engines in reverse, so that none always follows the same one.
    """
    rounds: list[Round] = []
    missing: dict[str, str] = {}
    for number in range(asked.rounds):
        found: Round = {}
        for engine in engines[:: -1 if number % 2 else 1]:
            if engine.name in missing:
                continue
            said = measure(engine, name, asked.epochs, asked.venvs, asked.limit)
            if isinstance(said, Failure):
                missing[engine.name] = said.reason
            else:
                found[engine.name] = said
        rounds.append(found)
    return rounds, list(missing.values())


def told(rounds: list[Round]) -> tuple[set[str], set[str]]:
    """Return the versions and the devices that the engines named."""
    said = [each for found in rounds for each in found.values()]
    versions = {f"{package} {version}" for each in said for package, version in each["versions"].items()}
    return versions, {each["device"] for each in said}


def processor() -> str:
    """Return the processor's name, as far as the system tells."""
    path = Path("/proc/cpuinfo")
    names = [line.partition(":")[2].strip() for line in path.read_text().splitlines() if line.startswith("model name")
             ] if path.exists() else []
    return names[0] if names else platform.processor()


def options(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--works", nargs="+", choices=WORKS, metavar="WORK",
                        default=[name for name in WORKS if name not in LONG], help=f"of {', '.join(WORKS)}")
    parser.add_argument("--engines", nargs="+", metavar="NAME", default=["*"], help="by name; * stands for anything")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=3, help="measured epochs a process, after one that compiles")
    parser.add_argument("--venvs", type=Path, default=Path("/work/venvs"), help="the folder of the environments")
    parser.add_argument("--limit", type=int, default=900, help="seconds that a process may take")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run what is asked for and print the tables as they come."""
    asked = options(arguments)
    versions: set[str] = set()
    devices: set[str] = set()
    for name in asked.works:
        work = WORKS[name]
        engines = [each for each in work.engines if any(fnmatch(each.name, wanted) for wanted in asked.engines)]
        rounds, missing = run(name, work, engines, asked)
        print(f"\n**{name}**: {work.title}\n", *rows(work, engines, rounds), sep="\n", flush=True)
        print(*(f"\n{line}" for line in missing), sep="", flush=True)
        more_versions, more_devices = told(rounds)
        versions |= more_versions
        devices |= more_devices
    print(f"\n{asked.rounds} rounds of {asked.epochs} epochs; {processor()}, {os.cpu_count()} cores, "
          f"{platform.system()}; computed on {', '.join(sorted(devices)) or 'nothing'}; {', '.join(sorted(versions))}")


if __name__ == "__main__":
    main()
