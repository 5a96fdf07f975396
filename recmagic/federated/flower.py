"""Flower, where it is installed: asked for before any of it is imported, without its telemetry and its log."""

from __future__ import annotations

import logging
import os
import random
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from recmagic.errors import TrainingError


def find_flower() -> None:
    """Import Flower with its telemetry off; TrainingError where it is not installed."""
    os.environ.setdefault("FLWR_TELEMETRY_ENABLED", "0")
    try:
        import flwr.app  # noqa: F401
    except ImportError:
        raise TrainingError("Flower, which federated training goes through, is not installed here.",
                            'Run %pip install "recmagic[federated]".') from None


@contextmanager
def quietly() -> Iterator[None]:
    """Keep Flower from writing its log, and from changing the user's random numbers.

    Its noise comes from numpy's own generator: it starts here from a seed that nobody knows.
    """
    logger, theirs, numbers = logging.getLogger("flwr"), random.getstate(), np.random.get_state()
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    np.random.seed([secrets.randbits(32) for _ in range(8)])
    try:
        yield
    finally:
        logger.setLevel(level)
        random.setstate(theirs)
        np.random.set_state(numbers)
