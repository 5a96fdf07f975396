"""What a training run tells while it goes on; progress views and the history listen."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Callable, Literal, Union

from recmagic.backends.memory import in_bytes
from recmagic.compiler.guarantee import Guarantee

Reason = Literal["finished", "patience", "interrupted", "stopped", "nan", "memory", "spent"]


@dataclass(frozen=True)
class RunStarted:
    """The run's plan: `batch` counts examples, `steps` is per epoch, `watched` is the metric that stops early.

    `needs` is about how many bytes the run takes, `memory` how many the device has (None: not known). `compiles` says
    whether the training step has yet to be compiled. Of a federated run, with so many `clients`, an epoch is a round,
    and a step a client that is asked in it.
    """

    model: str
    device: str
    seed: int
    epochs: int
    batch: int
    steps: int
    examples: int
    parameters: int
    watched: str | None
    needs: int = 0
    memory: int | None = None
    compiles: bool = True
    clients: int = 0

    @property
    def size(self) -> str:
        """What the run needs, of what there is: "needs about 45 MB of 23.5 GB"."""
        of = "" if self.memory is None else f" of {in_bytes(self.memory)}"
        return f"needs about {in_bytes(float(f'{self.needs:.2g}'))}{of}"


@dataclass(frozen=True)
class Compiled:
    """The training step has been compiled, in so many seconds."""

    seconds: float


@dataclass(frozen=True)
class Progress:
    """A chunk of steps is done: `step` of `steps` in this epoch (from 1), and the mean loss of the chunk."""

    epoch: int
    step: int
    steps: int
    loss: float
    examples_per_second: float


@dataclass(frozen=True)
class Round:
    """A round of a federated run: clients asked, those whose answers count, bytes of weights from them and to them, and
    how many failed for each reason."""

    asked: int
    done: int
    up: int
    down: int
    failed: dict[str, int] = field(default_factory=dict)

    @property
    def numbers(self) -> dict[str, float]:
        """What a table says of it."""
        return {"clients": self.done, "failed": self.asked - self.done, "up": self.up, "down": self.down}


@dataclass(frozen=True)
class EpochEnded:
    """An epoch (from 1) is done: its mean loss, its validation metrics, and whether it is the best so far.

    A model that is solved at once has one epoch and no loss. Of a federated run, it is a `round`.
    """

    epoch: int
    loss: float | None
    metrics: dict[str, float]
    seconds: float
    best: bool
    round: Round | None = None


@dataclass(frozen=True)
class PrivacySpent:
    """So much of the privacy budget is spent, after an epoch and at the end of a private run."""

    guarantee: Guarantee


@dataclass(frozen=True)
class RunEnded:
    """The run is over: why, after which epoch, and whose weights were kept (None: the last)."""

    reason: Reason
    epoch: int
    best_epoch: int | None
    seconds: float


Event = Union[RunStarted, Compiled, Progress, EpochEnded, PrivacySpent, RunEnded]
Listener = Callable[[Event], None]
