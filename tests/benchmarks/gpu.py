"""Prints the table of `training.py` on a machine with a GPU; says "no GPU here" and exits with 1 where there is none.

python tests/benchmarks/gpu.py [the options of training.py]

Every engine takes the GPU by itself. First it is said what each framework computes on; where that is "cpu" (because its
environment is for the CPU, say), its rows are the processor's.
"""

import subprocess
import sys

from running import SCRIPTS, interpreter
from training import main, options
from works import FRAMEWORKS, NAMES


def device(python: str, framework: str) -> str:
    """Return the device that a framework takes in an environment: "cpu", or a GPU's name."""
    command = [python, str(SCRIPTS / "devices.py"), framework]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    return done.stdout.splitlines()[-1] if done.returncode == 0 else "cpu"


def devices(arguments: list[str]) -> dict[str, str]:
    """Return framework -> device, for what is installed."""
    venvs = options(arguments).venvs
    found = {framework: interpreter(environment, venvs) for framework, environment in FRAMEWORKS.items()}
    return {framework: device(python, framework) for framework, python in found.items() if python}


if __name__ == "__main__":
    seen = devices(sys.argv[1:])
    if all(each == "cpu" for each in seen.values()):
        sys.exit("no GPU here")
    print(*(f"{NAMES[framework]} computes on {each}" for framework, each in seen.items()), sep="\n", flush=True)
    main(sys.argv[1:])
