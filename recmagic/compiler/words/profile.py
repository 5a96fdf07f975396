"""`profile(value)`: that value for everything the user has touched, the predicted one left out."""

from __future__ import annotations

import numpy as np

from recmagic.compiler.builder import Here
from recmagic.compiler.feeds import Window
from recmagic.compiler.value import Value
from recmagic.compiler.words.history import through
from recmagic.spec import Node


def profile(here: Here, value: Node) -> Value:
    """Read a value of the item or of the interaction for all interactions of the user but the predicted one: a set."""
    counts = np.bincount(here.build.data.interactions.user_row)
    return through(here, value, Window("profile", int(counts.max())))
