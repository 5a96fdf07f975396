"""`popular(n)`: n items drawn by popularity, per positive or once a batch."""

from recmagic.negatives import Negatives, drawn


def popular(n: int = 1, power: float = 0.75, shared: bool = False) -> Negatives:
    """Draw n items per positive by their training count to the power, never one that the user has.

    Mikolov et al. 2013; under a softmax loss the logQ correction takes the popularity out of the scores again. With
    `shared`, n are drawn once a batch for all positives (Jean et al. 2015, sampled softmax).
    """
    return drawn("popular", n, power, True, shared)
