"""`reorder(rate)`: a stretch of a sequence is shuffled."""

from __future__ import annotations

import numpy as np

from recmagic.augment import Augmentation, Steps, checked_rate


def reorder(rate: float = 0.2) -> Augmentation:
    """Shuffle a stretch of a share of a history's steps: the order of a few things is often chance.

    Xie et al. 2022, CL4SRec. Where each step predicts the next, what is predicted is shuffled with the sequence, so
    that no step has seen what it predicts.
    """
    share = checked_rate("reorder", rate)

    def change(rng: np.random.Generator, steps: Steps) -> None:
        counts = steps.real.sum(axis=1)
        shuffled = steps.stretches(rng, np.ceil(counts * share).astype(np.int64))
        # The keys of a stretch are random, and lie between those of the places before and after it.
        first = np.argmax(shuffled, axis=1)[:, None]
        keys = np.where(shuffled, first + rng.random(shuffled.shape) / 2, np.arange(shuffled.shape[1]))
        steps.order[:] = np.take_along_axis(steps.order, np.argsort(keys, axis=1, kind="stable"), axis=1)

    return Augmentation(change, "order")
