"""`mixup(alpha)`: two rows and what they predict are mixed."""

from __future__ import annotations

from recmagic.augment import Augmentation


def mixup(alpha: float = 0.2) -> Augmentation:
    """Mix the vectors of two rows of a batch by a share from Beta(alpha, alpha), and their losses by the same share.

    Zhang et al. 2018, mixup: beyond empirical risk minimization; of vectors, since ids cannot be mixed (Verma et al.
    2019, Manifold mixup). For losses of a target column.
    """
    if isinstance(alpha, bool) or not isinstance(alpha, (int, float)) or not alpha > 0:
        raise ValueError(f"mixup takes a number above 0, not {alpha!r}.")
    return Augmentation(mix=float(alpha))
