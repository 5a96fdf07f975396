"""`next_item()`: what the user takes next."""


def next_item() -> None:
    """Predict the item of each interaction (of a sequence: at every step); the default without a target column."""
