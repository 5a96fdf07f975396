"""For tests and notebooks alike: the backend, settled before any imports Keras; slow tests when asked for; short runs.

RECMAGIC_ALL=1 runs the slow tests. RECMAGIC_FAST=1 takes at most two epochs a training in the notebooks; these alone
are run so by `RECMAGIC_FAST=1 python -m pytest -p tests.conftest notebooks`.
RECMAGIC_EVERY=3 runs every third test, a sample of each file.
"""

import os

import pytest

from tests.notebook.course import shorten

os.environ.setdefault("KERAS_BACKEND", "jax")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items[:] = items[:: int(os.environ.get("RECMAGIC_EVERY", "1"))]
    if os.environ.get("RECMAGIC_ALL") != "1":
        for item in items:
            if item.get_closest_marker("slow"):
                item.add_marker(pytest.mark.skip(reason="slow: runs with RECMAGIC_ALL=1"))
    if os.environ.get("RECMAGIC_FAST") == "1":
        shorten(item.cell for item in items if hasattr(item, "cell"))  # what nbval collected
