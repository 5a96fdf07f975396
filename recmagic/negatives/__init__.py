"""Kinds of candidates that a ranking loss compares a positive with, one word a file."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Negatives:
    """Where a positive's candidates come from.

    `source` is "drawn" (`count` a positive, by popularity to the `power`, never one the user has), "batch" (the other
    positives of the batch) or "catalogue" (every item). With `correction`, a softmax subtracts the log of the
    probability that a candidate is one (logQ: Bengio & Senecal 2008; Yi et al. 2019).
    """

    source: str
    count: int = 0
    power: float = 0.0
    correction: bool = False
