"""Where the real data for tests lies; a test that needs it skips, and says so, where it is absent."""

import os
from pathlib import Path

import pytest

_FOLDER = Path(os.environ.get("RECMAGIC_DATA") or Path(__file__).parents[2].parent / "shared" / "data")


def real_path(name: str) -> Path:
    """Return the path of a file or folder of the real data, or skip the test."""
    path = _FOLDER / name
    if not path.exists():
        pytest.skip(f"the real data {path} is not here")
    return path
