"""`mask(rate)`: items of a sequence are not told."""

from __future__ import annotations

import numpy as np

from recmagic.augment import Augmentation, Steps, checked_rate


def mask(rate: float = 0.2) -> Augmentation:
    """Hide the items of a share of a history's steps: each reads the unknown item (Xie et al. 2022, CL4SRec)."""
    share = checked_rate("mask", rate)

    def change(rng: np.random.Generator, steps: Steps) -> None:
        steps.blank[steps.real & (rng.random(steps.order.shape) < share)] = 1

    return Augmentation(change, "blank")
