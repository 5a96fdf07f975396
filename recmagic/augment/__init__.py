"""Ways to make training examples of those that there are, one word a file: on the host, the same on every backend."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int32]


@dataclass
class Steps:
    """How the sequences of n examples are read, each of W steps, the newest last; changed in place by a word.

    `order` (n, W) says which step of the sequence stands at each place, -1 for none: the real ones stand at the right.
    `blank` (n, W) are 1 where a step is there and its item is not told. `swaps` (n, W) are item rows that stand in for
    the step's own, 0 for none. `items` (n, W) are the sequence's own items, and `similar` (items + 1, K) the rows of
    those most similar to each, 0 where there are fewer. A sequence has at least `least` steps or is left as it is.
    """

    order: Whole
    blank: Whole
    swaps: Whole
    items: Whole
    similar: Whole | None
    least: int

    @property
    def real(self) -> NDArray[np.bool_]:
        """Which places (n, W) hold a step."""
        return self.order >= 0

    def stretches(self, rng: np.random.Generator, lengths: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return which places (n, W) lie in a stretch of so many real steps (n,), at random in each sequence."""
        counts = self.real.sum(axis=1)
        first = self.order.shape[1] - counts + rng.integers(0, np.maximum(counts - lengths, 0) + 1)
        place = np.arange(self.order.shape[1])
        return (place >= first[:, None]) & (place < (first + lengths)[:, None])


@dataclass(frozen=True)
class Labels:
    """Positives that a `scorer` makes up: items of fewer than `items` examples get so many, users likewise."""

    scorer: Any
    items: int
    users: int


@dataclass(frozen=True)
class Between:
    """Rows made up between two of the rarer class, one of them among the `neighbours` nearest to the other, until there
    are `ratio` times as many as of the other class."""

    ratio: float
    neighbours: int


@dataclass(frozen=True)
class Augmentation:
    """One way: a `change` of how sequences are read, a `mix` of two rows by a share from Beta(mix, mix), or further
    examples, by `labels` or `between` others.

    `gives` names what a change is of: the array of `Steps`, and of the batch.
    """

    change: Callable[[np.random.Generator, Steps], None] | None = None
    gives: str = ""
    mix: float = 0.0
    labels: Labels | None = None
    between: Between | None = None


def checked_rate(word: str, rate: float) -> float:
    """Return a share of the steps as a float; ValueError where it is none."""
    if isinstance(rate, bool) or not isinstance(rate, (int, float)) or not 0 < rate < 1:
        raise ValueError(f"{word} takes a share of the steps between 0 and 1, not {rate!r}.")
    return float(rate)
