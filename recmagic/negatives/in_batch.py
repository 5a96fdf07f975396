"""`in_batch()`: the other positives of the batch."""

from recmagic.negatives import Negatives


def in_batch(correction: bool = True) -> Negatives:
    """Compare a positive with the other positives of its batch; the same item in another row is not a negative.

    `correction` is logQ, under a softmax loss (Yi et al. 2019, Sampling-bias-corrected neural modeling).
    """
    return Negatives("batch", correction=bool(correction))
