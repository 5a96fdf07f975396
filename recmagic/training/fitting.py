"""Fitting a scorer that solves or counts: one epoch, judged like any other."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Any

from recmagic import backends
from recmagic.compiler.solved import Solved
from recmagic.data.split import TRAIN
from recmagic.errors import DataError, TrainingError
from recmagic.evaluation.evaluate import evaluate_task
from recmagic.evaluation.metrics import label_of
from recmagic.evaluation.predictions import scorer_for
from recmagic.evaluation.task import Task
from recmagic.training.events import EpochEnded, RunEnded, RunStarted
from recmagic.training.history import History
from recmagic.training.position import Position
from recmagic.training.train import Plan, telling


class Fitting:
    """What `Training` is for a trained model, for one that is solved; it cannot be stopped halfway."""

    paused: Position | None = None
    plan: Plan | None = None

    def __init__(self, program: Solved) -> None:
        self.program = program

    def anew(self, seed: int, precision: str | None) -> Fitting:
        """Return itself: it starts from nothing each time; TrainingError at a precision, which has no use."""
        self._refuse(precision=precision)
        return self

    def run(self, name: str, plan: Plan, history: History, start: Position | None = None) -> None:
        """Fit it and measure the validation part; TrainingError at an option without use, ModelError of the scorer."""
        program, began = self.program, time.perf_counter()
        self._refuse(memory=plan.memory, callbacks=list(plan.callbacks) or None, batch=plan.batch, checkpoint=plan.keep)
        watched = label_of(*program.metrics[0], False)
        tell = telling(plan, history)
        rows = int((program.data.interactions.part == TRAIN).sum())
        tell(RunStarted(name, "CPU, solved at once", plan.seed or 0, 1, rows, 1, rows, 0, watched, compiles=False))
        program.fit()
        metrics = self._judged()
        seconds = time.perf_counter() - began
        tell(EpochEnded(1, None, metrics, seconds, bool(metrics)))
        tell(RunEnded("finished", 1, 1 if metrics else None, seconds))

    def _judged(self) -> dict[str, float]:
        """Return the watched metrics on the validation part, {} where it has nothing."""
        labels = [label_of(name, k, False).partition("@") for name, k in self.program.metrics]
        asked = [(name, int(k)) for name, _, k in labels if k]
        with suppress(DataError):
            task = Task.of(self.program.data, "valid")
            return evaluate_task(scorer_for(self.program, backends.current(), "valid"), task, asked).means
        return {}

    def _refuse(self, **given: Any) -> None:
        for option, value in given.items():
            if value is not None:
                raise TrainingError(f"{self.program.word} is solved at once, so --{option} has no use.",
                                    f"Leave --{option} out.")
