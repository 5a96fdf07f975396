"""How much memory the host has."""

from __future__ import annotations

import os


def host_memory() -> int | None:
    """Return the bytes of the host's memory, None where the system does not tell."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None
