"""`crop(rate)`: a stretch of a sequence stands for the whole."""

from __future__ import annotations

import numpy as np

from recmagic.augment import Augmentation, Steps, checked_rate


def crop(rate: float = 0.2) -> Augmentation:
    """Cut a share of a history's steps off its ends; where each step predicts the next, the stretch ends earlier too.

    Xie et al. 2022, CL4SRec, where a stretch of a share 1 - rate is kept.
    """
    share = checked_rate("crop", rate)

    def change(rng: np.random.Generator, steps: Steps) -> None:
        counts = steps.real.sum(axis=1)
        lengths = np.minimum(counts, np.maximum(np.ceil(counts * (1 - share)).astype(np.int64), steps.least))
        kept = steps.stretches(rng, lengths)
        # A stable sort by whether a place is kept moves the stretch to the right and leaves its order.
        places = np.argsort(kept, axis=1, kind="stable")
        steps.order[:] = np.take_along_axis(np.where(kept, steps.order, -1), places, axis=1)

    return Augmentation(change, "order")
