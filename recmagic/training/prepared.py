"""What a run learns from, made ready: its data, its batches, and how a private one is kept private."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from recmagic.backends.protocol import Clipping
from recmagic.compiler.guarantee import Guarantee
from recmagic.training.examples import Arrays
from recmagic.training.poisson import PoissonSampler
from recmagic.training.sampler import Sampler
from recmagic.training.sharding import ShardedSampler


@dataclass(frozen=True)
class Prepared:
    """`promised` is what a private run costs in all; `kind` says which compiled steps serve it."""

    arrays: Arrays
    examples: Sampler | ShardedSampler | PoissonSampler
    clipping: Clipping | None = None
    promised: Guarantee | None = None

    @property
    def kind(self) -> Any:
        """None where steps are not private, else what private steps are compiled for."""
        if self.promised is None or self.clipping is None:
            return None
        return self.promised.unit, self.promised.rows, self.clipping.at_once
