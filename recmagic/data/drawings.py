"""A Dataset in pictures: how uneven the items are, what happened when and in which part, and who is cold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from recmagic.data.cells import moment_text
from recmagic.data.split import TEST, TRAIN, VALID
from recmagic.html import Markup, columns, table

if TYPE_CHECKING:
    from recmagic.data.dataset import Dataset

COLUMNS = 40
PARTS = {"train": TRAIN, "valid": VALID, "test": TEST}


def drawings(data: Dataset) -> list[Markup]:
    """Return the long tail and the time line beside each other, and a table of what is cold."""
    return [Markup(long_tail(data) + time_line(data)), cold_shares(data)]


def long_tail(data: Dataset) -> Markup:
    """Return the interactions of the items, those with most of them first; a column stands for several items."""
    counts = np.sort(np.bincount(data.interactions.item_row, minlength=data.items.count + 1)[1:])[::-1]
    heights = [float(part.mean()) for part in np.array_split(counts, min(COLUMNS, len(counts))) if len(part)]
    tenth = counts[: max(1, len(counts) // 10)].sum() / max(counts.sum(), 1)
    title = f"Interactions by item: a tenth of the items has {tenth:.0%}"
    return columns({"interactions an item": heights}, title=title, x_label="item, by rank",
                   ends=("1", f"{len(counts):,}"))


def time_line(data: Dataset) -> Markup:
    """Return the interactions over time, each column cut into training, validation and test; empty without times."""
    log = data.interactions
    if log.timestamp is None or not len(log):
        return Markup("")
    low, high = float(log.timestamp.min()), float(log.timestamp.max())
    if low == high:
        return Markup("")
    parts = {name: np.histogram(log.timestamp[log.part == part], COLUMNS, (low, high))[0].tolist()
             for name, part in PARTS.items()}
    days = [moment_text(moment) for moment in (low, high)]
    return columns(parts, title="Interactions over time, by part", x_label="time", ends=(days[0], days[1]))


def cold_shares(data: Dataset) -> Markup:
    """Return, for each part, its interactions and the shares of them whose user, or item, training does not know."""
    log, rows = data.interactions, []
    for name, part in PARTS.items():
        chosen = log.part == part
        if chosen.any():
            shares = [1 - side.warm[of[chosen]].mean() for side, of in ((data.users, log.user_row),
                                                                        (data.items, log.item_row))]
            rows.append([name, f"{int(chosen.sum()):,}", *(f"{share:.1%}" for share in shares)])
    heads = ["part", "interactions", "by cold users", "with cold items"]
    return table(heads, rows, "What training knows nothing of", numeric=heads[1:])
