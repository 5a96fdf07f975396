"""What evaluation and recommending ask of a model: scores of a block of users for the whole catalogue."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray


@runtime_checkable
class Scorer(Protocol):
    """Anything that scores users against all items.

    `ranks_cold` says whether items without a training interaction have meaningful scores; where it is false they are
    hidden. Which part of the data is the history is settled when the scorer is made.
    """

    @property
    def ranks_cold(self) -> bool:
        """Whether items that no training interaction has may be recommended."""

    def score(self, user_rows: NDArray[np.int32]) -> Any:
        """Return a float array (users, items + 1), numpy or on a device; column = item row, column 0 says nothing.

        A higher score ranks higher, -inf is never listed, NaN is a mistake.
        """
