"""The backend that the tests run on, settled before any of them imports Keras; slow tests run when asked for.

RECMAGIC_EVERY=3 runs every third test, a sample of each file.
"""

import os

import pytest

os.environ.setdefault("KERAS_BACKEND", "jax")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items[:] = items[:: int(os.environ.get("RECMAGIC_EVERY", "1"))]
    if os.environ.get("RECMAGIC_ALL") != "1":
        for item in items:
            if item.get_closest_marker("slow"):
                item.add_marker(pytest.mark.skip(reason="slow: runs with RECMAGIC_ALL=1"))
