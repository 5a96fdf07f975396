"""`masked_item(rate)`: some of the user's items, hidden from the sequence that they stand in."""


def masked_item(rate: float = 0.2) -> float:
    """Hide that share of a sequence's steps behind a trained vector and predict them from both sides.

    Any layer may see all steps; recommending puts one hidden step behind the last (Sun et al. 2019, BERT4Rec:
    sequential recommendation with bidirectional encoder representations from transformer). ValueError where the rate is
    not between 0 and 1.
    """
    if not 0 < rate < 1:
        raise ValueError(f"The rate is a number between 0 and 1, not {rate!r}.")
    return float(rate)
