"""Training a compiled cell: from its arrays to a run of the engine, and the history it leaves."""

from __future__ import annotations

import numpy as np

from recmagic import backends
from recmagic.compiler.program import Program
from recmagic.errors import TrainingError
from recmagic.training.engine import Run, Stop
from recmagic.training.events import Event, Listener, RunStarted
from recmagic.training.examples import sampler, training_arrays
from recmagic.training.history import History
from recmagic.training.objective import Objective
from recmagic.training.validation import validation, watched

LARGEST_STEP = 2**31  # numbers of the candidates' scores in a step; more would not fit into memory


def train(program: Program, *, name: str, epochs: int, batch: int | str | None, patience: int | None,
          listen: Listener | None, stop: Stop | None, history: History) -> None:
    """Train a program's weights in place, writing the history as it goes; TrainingError where it cannot start or go on.

    The weights end as those of the best epoch by the watched metric on the validation part. If the history holds no
    epoch afterwards, nothing was learned.
    """
    if epochs < 1:
        raise TrainingError(f"{epochs} epochs teach nothing.", "Write --epochs 20.")
    backend = backends.current()
    arrays = training_arrays(program.cut, program.learning, program.data)
    examples = sampler(program.cut, program.learning, program.data, arrays, batch)
    _check_size(program, examples.batch * examples.steps)
    measure = validation(program, backend)
    label, higher = watched(program)

    def tell(event: Event) -> None:
        history.record(event)
        if listen is not None:
            listen(event)

    optimizer = program.learning.optimizer()
    runner = backend.start(Objective(program.cut, program.learning), program.cut, optimizer, backend.place(arrays))
    tell(RunStarted(name, backend.device(), program.seed, epochs, examples.batch, examples.steps_per_epoch,
                    len(examples.examples), program.parameters, label))
    cut = program.cut
    run = Run(runner, examples, program.seed, measure, higher, cut.get_weights, cut.set_weights, tell, stop)
    run.train(epochs, patience)


def _check_size(program: Program, rows: int) -> None:
    """Refuse a step whose scores alone would not fit, before anything is allocated."""
    negatives = program.learning.negatives
    if negatives is None or negatives.source == "drawn":
        return
    items = int(np.count_nonzero(program.data.items.warm)) if negatives.source == "catalogue" else rows
    head = program.cut.head
    width = 1 if head is None else sum(each.shape[-1] for each in head.inputs)
    if rows * items * width > LARGEST_STEP:
        size = rows * items * width * 4 / 2**30
        raise TrainingError(f"A step would score {rows:,} × {items:,} pairs, {size:,.0f} GiB of numbers.",
                            "Take a smaller --batch, or negatives = uniform(16).")
