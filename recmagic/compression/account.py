"""What a smaller model cost and what it brought: sizes, time and every metric, beside the model it was made from."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np
from keras import ops

from recmagic.backends.protocol import Backend
from recmagic.compiler.program import Program
from recmagic.compiler.recommender import Recommender
from recmagic.compression import sparse
from recmagic.data.split import VALID
from recmagic.errors import DataError
from recmagic.evaluation.predictions import scorer_for
from recmagic.evaluation.report import ALL_USERS
from recmagic.evaluation.reporting import report

DISK, MEMORY, TIME = "weights on disk (kB)", "weights in memory (kB)", "one user's scores (ms)"
CALLS = 15  # of which the median time is told


@dataclass(frozen=True)
class Account:
    """What a model was made from and how, and `rows`: a label, the original's number, and its own (None: not known)."""

    of: str
    how: str
    part: str
    rows: tuple[tuple[str, float | None, float | None], ...]

    def value(self, label: str) -> tuple[float | None, float | None]:
        """Return the two numbers of a label."""
        return next((before, after) for name, before, after in self.rows if name == label)

    @property
    def cells(self) -> list[tuple[str, str, str, str]]:
        """The rows as text: label, the original's, its own, and how many times smaller, or the change in per cent."""
        return [(name, _number(before), _number(after), _change(name, before, after))
                for name, before, after in self.rows]

    @property
    def caption(self) -> str:
        """What the rows tell."""
        return f"Made from {self.of}: {self.how}; metrics on the {self.part} part"


def account(original: Recommender, made: Program, of: str, how: str, backend: Backend) -> Account:
    """Measure both models: bytes, the time for one user's scores of all items, metrics of the validation part."""
    both: dict[str, Recommender] = {"original": original, "made": made}
    rows: list[tuple[str, float | None, float | None]] = [
        (DISK, _kilobytes(original, on_disk=True), _kilobytes(made, on_disk=True)),
        (MEMORY, _kilobytes(original, on_disk=False), _kilobytes(made, on_disk=False)),
        (TIME, milliseconds(original, backend), milliseconds(made, backend))]
    # Of several smaller models one is chosen by these numbers, and what is chosen by the test part is fitted to it.
    part = "valid" if VALID in original.data.interactions.part else "test"
    with suppress(DataError):  # a part with nothing to find
        found = report(both, backend, k=10, on=part)
        values = {row.model: row.values for row in found.rows if row.of == ALL_USERS}
        rows += [(label, values["original"].get(label), values["made"].get(label)) for label in found.metrics]
    return Account(of, how, part, tuple(rows))


def weights_on_disk(program: Recommender) -> int | None:
    """Return the bytes of the weights in a saved file, without the data; None where a model has none of its own."""
    return sparse.bytes_of(program.cut.variables) if isinstance(program, Program) else None


def milliseconds(program: Recommender, backend: Backend) -> float:
    """Return how long one user's scores of all items take, the median of some users."""
    scorer = scorer_for(program, backend, "test")
    users, taken = np.flatnonzero(program.data.users.warm).astype(np.int32), []
    for number in range(CALLS + 2):
        began = time.perf_counter()
        ops.convert_to_numpy(scorer.score(users[[number % len(users)]]))
        taken.append(1000 * (time.perf_counter() - began))
    return median(taken[2:])  # the first ones compile


def _kilobytes(program: Recommender, on_disk: bool) -> float | None:
    size = weights_on_disk(program)
    if size is None or on_disk or not isinstance(program, Program):
        return None if size is None else size / 1000
    return sum(np.asarray(each.numpy()).nbytes for each in program.cut.variables) / 1000


def _number(value: Any) -> str:
    if value is None:
        return "–"
    return f"{value:,.1f}" if abs(value) >= 10 else f"{value:.4f}"


def _change(name: str, before: float | None, after: float | None) -> str:
    if not before or not after:
        return ""
    if name not in (DISK, MEMORY):
        return f"{100 * (after / before - 1):+.1f} %"
    times = max(before, after) / min(before, after)
    return "as large" if times < 1.005 else f"{times:.2f} x {'smaller' if after < before else 'larger'}"
