"""`uniform(n)`: n items drawn evenly per positive."""

from recmagic.negatives import Negatives


def uniform(n: int = 1) -> Negatives:
    """Draw n items evenly per positive, never one that the user has in the training part (Rendle et al. 2009)."""
    if not isinstance(n, int) or isinstance(n, bool) or n < 1:
        raise ValueError(f"uniform takes a whole number of negatives from 1 up, not {n!r}.")
    return Negatives("drawn", n)
