"""What an engine's script is asked on its command line, and the one line of JSON that it answers with."""

import json
import platform
import sys
from collections.abc import Iterable, Sequence
from importlib.metadata import version


def asked() -> tuple[str, int, list[str]]:
    """Return the work's name, how many epochs to measure, and what else stands on the command line."""
    return sys.argv[1], int(sys.argv[2]), sys.argv[3:]


def peak_mb() -> float:
    """Return the most memory that this process has held, in MB."""
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (2**20 if sys.platform == "darwin" else 2**10)


def tell(samples: float, seconds: Sequence[float], packages: Iterable[str], device: str = "cpu",
         **more: object) -> None:
    """Print the line: samples an epoch, seconds of each measured epoch, peak memory, versions, and what else there is.

    `device` is "cpu" or the name of what else computed; `note` is shown in the table.
    """
    versions = {name: version(name) for name in packages} | {"python": platform.python_version()}
    print(json.dumps({"samples": samples, "seconds": list(seconds), "peak_mb": peak_mb(), "versions": versions,
                      "device": device, **more}))
