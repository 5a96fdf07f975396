"""Checkpoints: where a run could go on, kept on disk epoch by epoch, so that a crash costs no more than one epoch."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from recmagic.errors import DataError, TrainingError
from recmagic.saving import store
from recmagic.saving.model import FORMAT, check_format, environment, read_history, write_history
from recmagic.saving.shape import need, taken
from recmagic.training.history import History
from recmagic.training.position import Judged, Position
from recmagic.training.train import Plan

_PLAN: dict[str, Any] = {"epochs": int, "batch": (int, str, type(None)), "patience": (int, type(None)),
                         "memory": (int, type(None))}
_COUNTS = ("epoch", "steps", "examples")


@dataclass(frozen=True)
class Resumed:
    """A run that goes on from disk: its plan, where it stands, its history, seed and precision."""

    plan: Plan
    position: Position
    history: History
    seed: int
    precision: str | None


@dataclass(frozen=True)
class Checkpoint:
    """Where the runs of a model are kept: a folder, or a file that ends in .zip; every `every` epochs, and on a stop.

    `fingerprint` says which model and data they are of.
    """

    path: Path
    every: int
    fingerprint: str

    def keeper(self, program: Any, plan: Plan, history: History) -> Callable[[Position], None]:
        """Return what keeps each position of a run that it is told of.

        Where the disk does not take it, the history and a warning say so once, and the training goes on.
        """
        told = {name: getattr(plan, name) for name in _PLAN}

        def keep(position: Position) -> None:
            if position.steps == 0 and (position.epoch - 1) % self.every:
                return
            try:
                about = {"plan": told, "seed": program.seed, "precision": program.precision}
                self._write(position, about, history)
            except DataError as error:
                text = f"{error.message} The training goes on; what was kept before stays."
                if text not in history.warnings:
                    history.warnings.append(text)
                    warnings.warn(text, stacklevel=2)

        return keep

    def _write(self, position: Position, about: dict[str, Any], history: History) -> None:
        judged = position.judged
        arrays = {f"state/{number}": np.asarray(each) for number, each in enumerate(position.state)}
        if judged.weights is not None:
            arrays |= {f"best/{number}": np.asarray(each) for number, each in enumerate(judged.weights)}
        where = {name: getattr(position, name) for name in _COUNTS}
        store.write(self.path, {
            "format": FORMAT,
            "checkpoint": self.fingerprint,
            "environment": environment(),
            **about,
            # The sum of losses may be no number, which JSON lacks.
            "position": where | {"total": position.total if math.isfinite(position.total) else None,
                                 "drawn": position.drawn, "best": [judged.metric, judged.epoch]},
            "history": write_history(history),
        }, arrays)

    def read(self) -> Resumed:
        """Return the run that was kept; TrainingError where it is another model's, DataError where it is damaged."""
        document, arrays = store.read(self.path)
        check_format(document, self.path)
        if taken(document, "checkpoint", str, "document") != self.fingerprint:
            raise TrainingError(f"What is kept in {self.path} is of another model, or of other data.",
                                "Run the cells that it was made by, or train without --resume.")
        found, mine = taken(document, "environment", dict, "document"), environment()
        if found.get("backend") != mine["backend"]:
            raise TrainingError(f"The run in {self.path} was on {found.get('backend')}, and this is {mine['backend']}.",
                                "A run goes on where it began: restart the kernel on that backend.")
        where = taken(document, "position", dict, "document")
        best = taken(where, "best", list, "position")
        fits = [type(each) for each in best] in ([float, int], [type(None)] * 2)
        need(fits, "position.best", "a metric and an epoch")
        judged = Judged(best[0], best[1], _numbered(arrays, "best") or None)
        total = taken(where, "total", (float, int, type(None)), "position")
        epochs, steps, examples = (taken(where, name, int, "position") for name in _COUNTS)
        position = Position(epochs, steps, examples, math.nan if total is None else total,
                            taken(where, "drawn", dict, "position"), judged, _numbered(arrays, "state"))
        need(bool(position.state) and position.epoch >= 1, "state", "what the next step depends on")
        told = taken(document, "plan", dict, "document")
        plan = Plan(seed=None, **{name: taken(told, name, kind, "plan") for name, kind in _PLAN.items()})
        return Resumed(plan, position, read_history(taken(document, "history", dict, "document")),
                       taken(document, "seed", int, "document"),
                       taken(document, "precision", (str, type(None)), "document"))


def _numbered(arrays: store.Arrays, name: str) -> list[Any]:
    count = sum(each.startswith(f"{name}/") for each in arrays)
    need(all(f"{name}/{number}" in arrays for number in range(count)), name, "numbered without a gap")
    return [arrays[f"{name}/{number}"] for number in range(count)]
