"""Where a run stands: all that going on needs to end as if it had never stopped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Judged:
    """The best epoch so far by the watched metric, and its weights."""

    metric: float | None = None
    epoch: int | None = None
    weights: list[Any] | None = None


@dataclass
class Position:
    """A run stopped after `steps` of an epoch (from 1), of which `examples` had losses that sum to `total`.

    `drawn` is the state of the random numbers at the start of that epoch, `state` what the runner's `state` gave.
    """

    epoch: int = 1
    steps: int = 0
    examples: int = 0
    total: float = 0.0
    drawn: Mapping[str, Any] = field(default_factory=dict)
    judged: Judged = field(default_factory=Judged)
    state: list[Any] = field(default_factory=list)
