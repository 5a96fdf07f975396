"""`profile_items()`: all that a user has, at once."""


def profile_items() -> None:
    """Predict a user's whole profile from itself: an example is a user, and all items are candidates.

    The loss is the multinomial log likelihood of the user's items, summed (Liang et al. 2018, Variational autoencoders
    for collaborative filtering).
    """
