"""`catalogue()`: every item."""

from recmagic.negatives import Negatives


def catalogue() -> Negatives:
    """Compare a positive with every item of the training part: full softmax."""
    return Negatives("catalogue")
