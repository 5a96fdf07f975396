"""Prints what importing us and loading the extension cost on top of IPython: the median of fresh processes."""

import statistics
import subprocess
import sys

ROUNDS = 9
CODE = """
import time
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
start = time.perf_counter()
{what}
print(time.perf_counter() - start)
"""


def seconds(what: str) -> float:
    runs = [
        subprocess.run([sys.executable, "-c", CODE.format(what=what)], capture_output=True, text=True, check=True)
        for _ in range(ROUNDS)
    ]
    return statistics.median(float(run.stdout) for run in runs)


if __name__ == "__main__":
    for what in ("import recmagic", "shell.run_line_magic('load_ext', 'recmagic')"):
        print(f"{seconds(what) * 1000:6.1f} ms  {what}")
