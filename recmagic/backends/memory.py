"""How much memory the host has for us, and how an amount of it is told."""

from __future__ import annotations

import os
from pathlib import Path

# A container's own limit, as Linux tells it to those inside: version 2 of control groups, then version 1.
LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))


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
