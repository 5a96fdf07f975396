"""What one kernel holds on to: lists and retrainings by the hundred, and its memory and objects as they go on.

    python tests/benchmarks/load.py [--lists 1000] [--trainings 200]

Three of four trainings are of the cell as it is, one of a cell declared anew with another text, which compiles anew.
Memory is the resident set of the kernel's process; objects are what the garbage collector knows of ours, after a
collection.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.notebook.kernel import Kernel
from tests.notebook.load import PREPARE, cell, counted, resident

ROWS = 10  # of the table
CELLS = 10  # of the notebook, which are run again and again


def measured(kernel: Kernel, what: str, lines: list[str]) -> list[dict[str, Any]]:
    """Run lines one after the other; return and print what the kernel holds after each tenth of them."""
    found, began = [], time.perf_counter()
    for number, line in enumerate(lines, start=1):
        result = kernel.run(line, cell=f"{what}-{number % CELLS}")
        if result.error:
            sys.exit(result.error)
        if number % max(1, len(lines) // ROWS) == 0 or number == 1:
            row = {"MB": resident(kernel) / 1e6, "s": time.perf_counter() - began, **counted(kernel)}
            found.append({what: number, **row})
            print("  ".join(f"{name} {value:,.0f}" for name, value in found[-1].items()), flush=True)
    return found


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--lists", type=int, default=1000)
    options.add_argument("--trainings", type=int, default=200)
    given = options.parse_args()
    kernel = Kernel()
    try:
        for line in (*PREPARE, cell(0), "%rectrain m --epochs 1"):
            result = kernel.run(line)
            if result.error:
                sys.exit(result.error)
        users = kernel.run("print(*m.data.users.ids[1:])").stream.split()
        measured(kernel, "lists", [f"%recommend m --user {users[n % len(users)]} -k 10" for n in range(given.lists)])
        anew = given.trainings // 4
        measured(kernel, "trainings of one cell", ["%rectrain m --epochs 1"] * (given.trainings - anew))
        measured(kernel, "trainings of cells declared anew",
                 [f"get_ipython().run_cell_magic('recmodel', 'm --data films', {body(n)!r})\n%rectrain m --epochs 1"
                  for n in range(1, anew + 1)])
    finally:
        kernel.close()


def body(number: int) -> str:
    """The cell of that number without its first line."""
    return cell(number).split("\n", 1)[1]


if __name__ == "__main__":
    main()
