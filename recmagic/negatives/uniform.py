"""`uniform(n)`: n items drawn evenly, per positive or once a batch."""

from recmagic.negatives import Negatives, drawn


def uniform(n: int = 1, shared: bool = False) -> Negatives:
    """Draw n items evenly per positive, never one that the user has in the training part (Rendle et al. 2009).

    With `shared`, n are drawn once a batch for all positives: many candidates for one matrix product (sampled softmax,
    Jean et al. 2015). All items are equally probable, so there is nothing to correct for.
    """
    return drawn("uniform", n, 0.0, False, shared)
