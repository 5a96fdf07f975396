"""`substitute(rate)`: items of a sequence give way to similar ones."""

from __future__ import annotations

import numpy as np

from recmagic.augment import Augmentation, Steps, checked_rate


def substitute(rate: float = 0.2) -> Augmentation:
    """Put a similar item in the place of a share of a history's, one of the ten most similar at random.

    Liu et al. 2021, CoSeRec. Similarity is the cosine of who has both items in the training part. What is predicted
    stays what it was.
    """
    share = checked_rate("substitute", rate)

    def change(rng: np.random.Generator, steps: Steps) -> None:
        assert steps.similar is not None
        chosen = steps.real & (rng.random(steps.order.shape) < share)
        rank = rng.integers(0, steps.similar.shape[1], steps.order.shape)
        steps.swaps[chosen] = steps.similar[steps.items[chosen], rank[chosen]]

    return Augmentation(change, "swaps")
