"""Where the real data for tests lies; a test that needs it skips, and says so, where it is absent."""

import os
from pathlib import Path

import pytest

_FOLDER = Path(os.environ.get("RECMAGIC_DATA") or Path(__file__).parents[2].parent / "shared" / "data")


@pytest.fixture
def real_path():
    """Return a function from a name to the path of that file or folder of the real data; it may skip the test."""

    def path_of(name):
        path = _FOLDER / name
        if not path.exists():
            pytest.skip(f"the real data {path} is not here")
        return path

    return path_of
