"""Kinds of candidates that a ranking loss compares a positive with, one word a file."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Negatives:
    """Where a positive's candidates come from.

    `source` is "drawn" (`count` a positive, by popularity to the `power`, never one the user has), "batch" (the other
    positives of the batch) or "catalogue" (every item). What is drawn `shared` is drawn once a batch for all of its
    positives: a positive's own item is hidden from it, other items that its user has are not. With `correction`, a
    softmax subtracts the log of the probability that a candidate is one (logQ: Bengio & Senecal 2008; Yi et al. 2019).
    """

    source: str
    count: int = 0
    power: float = 0.0
    correction: bool = False
    shared: bool = False


def drawn(word: str, count: int, power: float, correction: bool, shared: bool) -> Negatives:
    """Return what a word that draws stands for; ValueError where the count is not a whole number from 1 up."""
    if not isinstance(count, int) or isinstance(count, bool) or count < 1:
        raise ValueError(f"{word} takes a whole number of negatives from 1 up, not {count!r}.")
    return Negatives("drawn", count, float(power), correction, bool(shared))
