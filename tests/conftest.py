"""The backend that the tests run on, settled before any of them imports Keras; slow tests run when asked for."""

import os

import pytest

os.environ.setdefault("KERAS_BACKEND", "jax")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if os.environ.get("RECMAGIC_ALL") != "1":
        for item in items:
            if item.get_closest_marker("slow"):
                item.add_marker(pytest.mark.skip(reason="slow: runs with RECMAGIC_ALL=1"))
