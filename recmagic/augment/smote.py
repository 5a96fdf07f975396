"""`smote(ratio, neighbours)`: rows of the rarer class, made between two that there are."""

from __future__ import annotations

from recmagic.augment import Augmentation, Between


def smote(ratio: float = 1.0, neighbours: int = 5) -> Augmentation:
    """Make rows of the rarer class until there are `ratio` times as many as of the other, each between two of them.

    Chawla et al. 2002, SMOTE: synthetic minority over-sampling technique, by the library `imbalanced-learn`. A row's
    numbers lie at random between those of a row and of one of its nearest `neighbours`; its ids, categories and texts
    are those of the nearer of the two, since there is nothing between two ids. What is near is told by the columns that
    the score reads, as in SMOTE-NC. For losses of a target of two classes; of the training part alone.
    """
    if isinstance(ratio, bool) or not isinstance(ratio, (int, float)) or not 0 < ratio <= 1:
        raise ValueError(f"ratio is a number above 0, and at most 1, not {ratio!r}.")
    if not isinstance(neighbours, int) or isinstance(neighbours, bool) or neighbours < 1:
        raise ValueError(f"neighbours is a whole number from 1 up, not {neighbours!r}.")
    return Augmentation(between=Between(float(ratio), neighbours))
