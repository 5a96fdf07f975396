"""How much memory the host has for us, how an amount of it is told, and whether an error says that there is none left.
"""

from __future__ import annotations

import os
from pathlib import Path

# A container's own limit, as Linux tells it to those inside: version 2 of control groups, then version 1.
LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))

# How JAX and TensorFlow, torch on a GPU, and torch on a CPU say it; each has a class of its own, if any.
SAID = ("RESOURCE_EXHAUSTED", "out of memory", "can't allocate memory", "not enough memory")


def is_out_of_memory(error: Exception) -> bool:
    """Return whether an error of any framework says that memory could not be had."""
    return isinstance(error, MemoryError) or any(text.lower() in str(error).lower() for text in SAID) or (
        type(error).__name__ == "ResourceExhaustedError")


def host_memory() -> int | None:
    """Return the bytes of the host's memory, or of its container's if that has less; None where nothing tells."""
    try:
        size = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None
    return min([size, *_limits()])


def _limits() -> list[int]:
    found = []
    for path in LIMITS:
        try:
            found.append(int(path.read_text()))
        except (OSError, ValueError):  # there is no such file, or it says "max"
            continue
    return found


def in_bytes(count: float) -> str:
    """Return an amount with two or three figures and its unit: "45 MB", "23.5 GB"."""
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= size:
            return f"{count / size:.3g} {unit}"
    return f"{count:.0f} bytes"
