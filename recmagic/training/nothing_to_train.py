"""What stands in `Training`'s place for a model that is made of others: it has nothing to train."""

from __future__ import annotations

from typing import NoReturn

from recmagic.compiler.blend import Blend
from recmagic.errors import TrainingError
from recmagic.training.history import History
from recmagic.training.position import Position
from recmagic.training.train import Plan


class NothingToTrain:
    """Holds a blend, and refuses to train it."""

    paused: Position | None = None
    plan: Plan | None = None

    def __init__(self, program: Blend) -> None:
        self.program = program

    def anew(self, seed: int, precision: str | None) -> NoReturn:
        """Raise TrainingError."""
        raise self._refusal()

    def run(self, name: str, plan: Plan, history: History, start: Position | None = None) -> NoReturn:
        """Raise TrainingError."""
        raise self._refusal()

    def _refusal(self) -> TrainingError:
        return TrainingError("A blend has nothing to train of its own.",
                             f"Train its parts: {', '.join(self.program.parts)}; it follows.")
