"""Asking one model, or several the same thing, with the pictures that the lists may show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from recmagic.data.dataset import Dataset
from recmagic.errors import DataError, ModelError, did_you_mean
from recmagic.evaluation.recommendations import Recommendations
from recmagic.evaluation.recommending import Asked
from recmagic.evaluation.side_by_side import SideBySide


def together(every: Sequence[Asked], images: str | None = None) -> Recommendations | SideBySide:
    """Return the lists of one model, or those of several side by side.

    Raises ModelError where models stand on different data, DataError at a column of images that is not there.
    """
    data = every[0].program.data
    for other in every[1:]:
        if other.program.data.fingerprint != data.fingerprint:
            raise ModelError(f"'{other.name}' and '{every[0].name}' stand on different data.", "Train both on one.")
    if images is not None:
        _check_column(data, images)
    lists = tuple(replace(each.again(), images=images) for each in every)
    return lists[0] if len(lists) == 1 else SideBySide(lists)


def _check_column(data: Dataset, images: str) -> None:
    columns = [str(name) for name in data.items.frame.columns]
    if images not in columns:
        hint = did_you_mean(images, columns) or f"The item columns are: {', '.join(columns)}."
        raise DataError(f"There is no item column '{images}'.", hint)
