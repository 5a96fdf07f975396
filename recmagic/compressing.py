"""Making a smaller model of a trained one: which steps, in which order, and what it is worth afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from recmagic import backends
from recmagic.compiler.cell import CellProgram
from recmagic.compiler.program import Program
from recmagic.compiler.recommender import Recommender
from recmagic.compiler.vocabulary import vocabulary
from recmagic.compression.account import Account, account
from recmagic.compression.copying import copied
from recmagic.compression.factors import hashed, of_low_rank
from recmagic.compression.narrowing import narrowed
from recmagic.compression.product import in_parts
from recmagic.compression.pruning import held, prune, schedule
from recmagic.compression.quantized import MODES, Quantized, quantized
from recmagic.errors import ModelError, did_you_mean
from recmagic.evaluation.metrics import WORDS as METRICS
from recmagic.training.distilling import Distilling, check_student, taught
from recmagic.training.engine import Stop
from recmagic.training.events import Listener
from recmagic.training.history import History
from recmagic.training.train import Beside, Plan, Training
from recmagic.training.validation import validation, watched

FINE_TUNED, TAUGHT = 5, 20  # epochs, by default


@dataclass(frozen=True)
class How:
    """What is done, in this order: `distill` (a program to be taught), `low_rank`, `hash`, `prune`, `pq`, `quantize`.
    """

    distill: Recommender | None = None
    hash: int | None = None
    low_rank: int | None = None
    prune: float | None = None
    structured: bool = False
    pq: int | None = None
    quantize: str | None = None
    epochs: int | None = None

    def check(self) -> None:
        """Raise ModelError where nothing, or something impossible, is asked for."""
        if self.prune is not None and not 0 < self.prune < 1:
            raise ModelError(f"A share to prune lies between 0 and 1, and this is {self.prune:g}.",
                             "Write --prune 0.8 for four of five.")
        if self.structured and self.prune is None:
            raise ModelError("--structured says how to prune, and nothing is pruned.",
                             "Write --prune 0.5 --structured.")
        if self.quantize not in (None, *MODES):
            raise ModelError(f"There are no weights of '{self.quantize}'.", did_you_mean(str(self.quantize), MODES)
                             or f"It is one of: {', '.join(MODES)}.")
        if self.pq and (self.hash or (self.prune and not self.structured)):
            raise ModelError("--pq replaces a table's numbers, and with them what --hash and zeros have made of it.",
                             "Write --pq with --low-rank or --prune 0.5 --structured, or one of the others alone.")
        for name, number in {"hash": self.hash, "low_rank": self.low_rank, "pq": self.pq}.items():
            if number is not None and number < 1:
                raise ModelError(f"{name} is a whole number from 1 up, not {number}.", "")
        if self.epochs is not None and self.epochs < 0:
            raise ModelError(f"There are no {self.epochs} epochs.", "Write --epochs 0 to train nothing afterwards.")
        if not any((self.distill, self.hash, self.low_rank, self.prune is not None, self.pq, self.quantize)):
            raise ModelError("How should it get smaller?", "Say --int8, --int4, --prune 0.8, --low-rank 8, --pq 8, "
                             "--hash 1000, or --distill and the name of a smaller model.")

    def told(self, student: str) -> str:
        """Return it in words."""
        kind = "of its dimensions and units taken away" if self.structured else "of its weights set to zero"
        parts = [self.distill and f"distilled into {student}", self.hash and f"tables hashed into {self.hash:,} rows",
                 self.low_rank and f"tables of rank {self.low_rank}", self.prune and f"{self.prune:.0%} {kind}",
                 self.pq and f"tables in {self.pq} parts of 256 kinds",
                 self.quantize and f"weights of {self.quantize.removeprefix('int')} bits"]
        return ", ".join(part for part in parts if part)


class Compressing:
    """One compression: `program` is where it stands, `history` how it was trained last."""

    def __init__(self, original: Recommender, name: str, how: How, listen: Listener | None, stop: Stop | None) -> None:
        how.check()
        if isinstance(original, Quantized):
            raise ModelError(f"The weights of this model are whole numbers already ({original.mode}).",
                             "Compress the model that it was made from.")
        self.original, self.name, self.how = original, name, how
        self.listen, self.stop, self.words = listen, stop, vocabulary(METRICS)
        self.history: History | None = None
        self.program = _cell(original) if how.distill is None else self._taught(how.distill)

    def run(self, of: str, student: str) -> Account:
        """Do what was asked for and return what it is worth; `of` and `student` are names of models."""
        how = self.how
        if how.low_rank:
            self.program = of_low_rank(self.program, how.low_rank, self.words)
            self._train(Training(self.program), self._epochs(FINE_TUNED))
        if how.hash:
            self.program = hashed(self.program, how.hash, self.words)
            self._train(Training(self.program), self._epochs(TAUGHT))
        if how.prune and how.structured:
            self.program = narrowed(self.program, how.prune, self.words)
            self._train(Training(self.program), self._epochs(FINE_TUNED))
        elif how.prune:
            self._pruned(how.prune, self._epochs(FINE_TUNED))
        if how.pq:
            self.program = in_parts(self.program, how.pq, self.words)
            self._train(Training(self.program), self._epochs(FINE_TUNED))
        if how.quantize:
            self.program = quantized(copied(self.program), how.quantize)
        return account(self.original, self.program, of, how.told(student), backends.current())

    def _epochs(self, usual: int) -> int:
        return usual if self.how.epochs is None else self.how.epochs

    def _taught(self, student: Recommender) -> CellProgram:
        """Return a student trained anew from its data and from what the original thinks."""
        if student.data.fingerprint != self.original.data.fingerprint:
            raise ModelError("The student stands on other data than its teacher.", "Declare it on the same data set.")
        program = _cell(student).anew(0, _cell(student).precision)
        check_student(program)
        teacher = taught(self.original, backends.current(), program.seed)
        self._train(Training(program, Beside(teacher, Distilling)), max(1, self._epochs(TAUGHT)))
        return program

    def _pruned(self, share: float, epochs: int) -> None:
        """Prune in stages, an epoch each for half of the epochs, and train the rest with the last share held."""
        self.program = copied(self.program)
        stages = (epochs + 1) // 2
        training = Training(self.program, Beside(whole=True))
        for stage, of_now in enumerate(schedule(share, max(1, stages)), 1):
            training.beside.arrays = held(prune(self.program, of_now))
            self._train(training, epochs - stages + 1 if stage == stages else min(1, epochs))

    def _train(self, training: Training, epochs: int) -> None:
        """Train from the weights as they stand, an optimizer starting afresh.

        The best of what it was and of what each epoch left is kept, by the watched metric on the validation part: a
        model that was trained to its best soon fits too closely.
        """
        if not epochs:
            return
        cut, self.history = training.program.cut, History()
        before = validation(training.program, backends.current())()
        weights = [np.array(each) for each in cut.get_weights()]
        training.run(self.name, Plan(epochs, None, None, None, self.listen, self.stop), self.history)
        label, higher = watched(training.program)
        after = [row[label] for row in self.history.epochs if label in row]
        if label in before and after and (before[label] > max(after) if higher else before[label] < min(after)):
            cut.set_weights(weights)
            self.history.best_epoch = None
            self.history.warnings.append(f"Before it, {label} was {before[label]:.4f}, better than after any epoch: "
                                         "the weights are those.")


def _cell(program: Any) -> CellProgram:
    """Return a program whose layers we have made; ModelError for any other."""
    if isinstance(program, CellProgram):
        return program
    kind = "A Keras model that was brought" if isinstance(program, Program) else "A model without trained weights"
    raise ModelError(f"{kind} cannot be made smaller itself.", "Teach a cell instead: --distill and the cell's name.")
