"""`recent(half_life)`: old rows weigh less."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recmagic.compiler.weights import Rows
from recmagic.errors import DataError

DAY = 86_400.0  # seconds


def recent(rows: Rows, half_life: float) -> NDArray[np.float64]:
    """Weigh a row by half for every so many days that it is older than the newest training example.

    Ding & Li 2005, Time weight collaborative filtering. Rows without a time weigh what the oldest one does.
    """
    if not half_life > 0:
        raise ValueError(f"half_life is a number of days above 0, not {half_life!r}.")
    times = rows.data.interactions.timestamp
    if times is None:
        raise DataError("The data has no times, so nothing is recent.", "Load it with --time COLUMN.")
    newest, oldest = (pick(times[rows.counted], initial=empty) for pick, empty in (
        (np.nanmax, -np.inf), (np.nanmin, np.inf)))
    return np.asarray(0.5 ** ((newest - np.where(np.isnan(times), oldest, times)) / (half_life * DAY)))
