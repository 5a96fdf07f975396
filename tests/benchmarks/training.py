"""Prints how fast BPR-MF trains against named peers: samples a second, and ratios paired by round.

python tests/benchmarks/training.py [--rounds 3] [--epochs 3] [--batch 4096] [--width 64]

Each engine runs in a process of its own; a round runs every engine once, one after the other. Measure alone.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
from pathlib import Path

ENGINES = ("recmagic", "scan", "fit")
OURS = "recmagic"


def measure(engine: str, epochs: int, batch: int, width: int) -> float:
    """Return the samples a second of the median of an engine's epochs, in a fresh process."""
    script = Path(__file__).parent / "engines" / f"bpr_{engine}.py"
    command = [sys.executable, str(script), str(epochs), str(batch), str(width)]
    environment = {**os.environ, "KERAS_BACKEND": "jax"}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    found = json.loads(done.stdout.splitlines()[-1])
    return found["samples"] / statistics.median(found["seconds"])


def main() -> None:
    """Run the rounds and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, default in (("rounds", 3), ("epochs", 3), ("batch", 4096), ("width", 64)):
        parser.add_argument(f"--{name}", type=int, default=default)
    asked = parser.parse_args()
    rounds = [{engine: measure(engine, asked.epochs, asked.batch, asked.width) for engine in ENGINES}
              for _ in range(asked.rounds)]
    print(f"BPR-MF, ML-1M, width {asked.width}, batch {asked.batch:,}, Adam; {asked.rounds} rounds of {asked.epochs} "
          f"epochs; {os.cpu_count()} cores, Python {platform.python_version()}")
    for engine in ENGINES:
        speeds = sorted(each[engine] / 1e6 for each in rounds)
        ratios = sorted(each[OURS] / each[engine] for each in rounds)
        print(f"{engine:10s} {speeds[0]:.2f} / {statistics.median(speeds):.2f} / {speeds[-1]:.2f} M samples/s   "
              f"recmagic is {statistics.median(ratios):.2f} x this [{ratios[0]:.2f}-{ratios[-1]:.2f}]")


if __name__ == "__main__":
    main()
