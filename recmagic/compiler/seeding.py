"""A seed for what Keras draws when it builds a model, without touching the user's own random numbers."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Seed the initial weights and the seed generators (dropout, ...) of layers built inside.

    Keras takes their seeds from Python's `random`; its state is put back afterwards.
    """
    state = random.getstate()
    random.seed(seed)
    try:
        yield
    finally:
        random.setstate(state)
