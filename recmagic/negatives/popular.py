"""`popular(n)`: n items drawn by popularity per positive."""

from recmagic.negatives import Negatives


def popular(n: int = 1, power: float = 0.75) -> Negatives:
    """Draw n items per positive by their training count to the power, never one that the user has.

    Mikolov et al. 2013; under a softmax loss the logQ correction takes the popularity out of the scores again.
    """
    if not isinstance(n, int) or isinstance(n, bool) or n < 1:
        raise ValueError(f"popular takes a whole number of negatives from 1 up, not {n!r}.")
    return Negatives("drawn", n, float(power), correction=True)
