"""A model: a cell and its data, with the verbs train, evaluate, recommend, predict and update."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import nullcontext
from copy import deepcopy
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

from recmagic import backends, zoo
from recmagic.answering import Answering
from recmagic.compiler.blend import Blend
from recmagic.compiler.brought import bring
from recmagic.compiler.card import Card, card
from recmagic.compiler.cell import CellProgram, compile_spec
from recmagic.compiler.code import Code, program_text, write_arrays
from recmagic.compiler.program import Program
from recmagic.compiler.solved import Solved, solved
from recmagic.compiler.vocabulary import vocabulary
from recmagic.compressing import Compressing, How
from recmagic.compression.account import Account
from recmagic.data.dataset import Dataset
from recmagic.errors import ModelError, TrainingError
from recmagic.evaluation.metrics import WORDS as METRICS
from recmagic.evaluation.recommending import scorer_now
from recmagic.federated import Federated
from recmagic.privacy import Privacy
from recmagic.saving.checkpoint import Checkpoint
from recmagic.saving.holding import held
from recmagic.saving.model import Kept, save
from recmagic.spec import Spec, read
from recmagic.training.beside import BY_CLIENTS, PRIVATELY, refuse_beside
from recmagic.training.engine import Stop
from recmagic.training.events import Listener
from recmagic.training.fitting import Fitting
from recmagic.training.history import History
from recmagic.training.nothing_to_train import NothingToTrain
from recmagic.training.position import Position
from recmagic.training.train import Plan, Training


class Model(Answering):
    """A recommender over a Dataset: a cell of text that `Model.read` reads, or a Keras model that a user brings.

    `trained` says whether it has learned anything, `history` how. Training it again starts anew, so that the same
    cells give the same model; `update` goes on from where it is.
    """

    from_file = False  # whether it came with data of its own

    def __init__(self, keras_model: Any, data: Dataset, *, loss: Any = None, target: str | None = None,
                 negatives: str | None = None, weights: str | None = None, optimizer: Any = None,
                 metrics: str | Sequence[str] | None = None, name: str = "model") -> None:
        """Take a Keras model whose inputs are named after columns of the data, and whose output is one score a row.

        An input `user_id`, `item_id` or of any other column takes its codes, from 0 (unknown) to `data.column(name)
        .size` - 1, or its standardised numbers; `history`, of shape (length,), the codes of the items of the user's
        last interactions, the newest last, padded with 0 on the left; `history_rating` or any other column likewise.

        loss, target, negatives, weights, optimizer, metrics: as a cell has them ("BPR()", "uniform(4)"), a Keras loss
        or optimizer, or what the model was compiled with; else the defaults of a cell. A Keras loss sees the output
        as `fit` does. Any other takes it for a logit; a sigmoid that ends it is taken off, and `predict` puts it on.

        The model itself is trained, each time from the weights that it comes with here; a seed gives the order of the
        examples and what is drawn for them. Raises ModelError, or SpecError with a caret under a piece of text.
        """
        given = {"loss": loss, "target": target, "negatives": negatives, "weights": weights, "optimizer": optimizer,
                 "metrics": metrics}
        self._hold(name, bring(keras_model, data, given, vocabulary(METRICS)))

    @classmethod
    def read(cls, text: str, data: Dataset, *, name: str = "model", first_line: int = 1) -> Model:
        """Read a cell's text and compile it over a data set; SpecError, with a caret, where it does not fit.

        `first_line` is the number that errors give to the text's first line.
        """
        spec = read(text, vocabulary(METRICS), first_line)
        return cls.over(solved(spec, data) or compile_spec(spec, data), name)

    @classmethod
    def over(cls, program: Program | Solved | Blend, name: str) -> Model:
        """Return a model that stands on a program."""
        model = cls.__new__(cls)
        model._hold(name, program)
        return model

    @classmethod
    def from_zoo(cls, zoo_name: str, data: Dataset, *, name: str = "model", **settings: Any) -> Model:
        """Read a cell of the zoo, such as "SASRec", with other values for some of the numbers at its top.

        Raises ModelError at a name or a setting that the zoo does not have, SpecError where the data does not fit.
        """
        return cls.read(zoo.text(zoo_name, settings), data, name=name)

    def _hold(self, name: str, program: Program | Solved | Blend) -> None:
        self.name, self._training = name, _made_ready(program)
        self.source = program.data  # what it was declared on; `data` grows with every update
        self.history: History | None = None
        self.account: Account | None = None  # what it was made from, if it is a smaller one
        self.trained = isinstance(program, Blend)  # of models that are

    @property
    def program(self) -> Program | Solved | Blend:
        """The model over its data: what is trained or solved, and how."""
        return self._training.program

    @property
    def spec(self) -> Spec:
        """The cell as a tree; ModelError for a Keras model that was brought, which has none."""
        if not isinstance(self.program, (CellProgram, Solved)):
            raise ModelError(f"'{self.name}' was not declared in a cell, so there is no text of it.",
                             "A Keras model shows itself by its summary(), a blend by its parts.")
        return self.program.spec

    @property
    def text(self) -> str:
        """The cell's text; ModelError for a Keras model that was brought, which has none."""
        return self.spec.text

    @cached_property
    def fingerprint(self) -> str:
        """16 hexadecimal digits over what the model is and the data's content."""
        both = self.program.meaning(vocabulary(METRICS)) + self.data.fingerprint
        return hashlib.sha256(both.encode()).hexdigest()[:16]

    @property
    def card(self) -> Card:
        """What the model is: text, graph, shapes, sizes, kind, and the defaults taken."""
        found = card(self.program, self.name, "trained" if self.trained else "not trained yet")
        if self.account is not None:
            found = replace(found, told=self.account.caption, beside=self.account.cells)
        guarantee = None if self.history is None else self.history.guarantee
        return found if guarantee is None else replace(found, notes=[*found.notes, *guarantee.sentences])

    def __repr__(self) -> str:
        return repr(self.card)

    def _repr_html_(self) -> str:
        return self.card._repr_html_()

    def train(self, *, epochs: int | None = None, batch: int | str | None = None, patience: int | None = 10,
              seed: int = 0, resume: bool = False, precision: str | None = None, memory: int | None = None,
              checkpoint: str | Path | None = None, every: int = 1, callbacks: Sequence[Any] = (),
              private: Privacy | None = None, federated: Federated | None = None,
              listen: Listener | None = None, stop: Stop | None = None) -> History:
        """Train from initial weights drawn by the seed, or from those that a Keras model came with; return the History.

        epochs: passes over the data, 20 by default; with `resume` counted from the first, by default as many as before.
        batch: examples a step, "all" for plain gradient descent; by default one that suits the data's size.
        patience: stop after that many epochs without a better watched metric on the validation part; None: never.
        resume: go on where the last run was stopped, to the weights that it would have had; `batch` and `seed` are its.
        memory: bytes that may hold the training log at a time; it is then read in shards, from Parquet in a temporary
        folder, and a batch holds users of one shard only.
        checkpoint: keep the run in this folder or .zip, after `every` epochs and where it is stopped; with `resume`, go
        on from what is kept there, in another process too, to bitwise the same weights. Callbacks are not kept.
        precision: "mixed_bfloat16" or "mixed_float16" for a GPU; by default all numbers have 32 bits.
        callbacks: Keras's, called at the moments of `fit`; our validation metrics are in their logs, as val_ndcg@10.
        What they set counts: the learning rate, stop_training, weights, over which on_train_end has the last word. One
        that acts on batches makes every step a call of its own: about 1 ms, and on JAX a copy of the weights where it
        reaches for the model. Those that could not work are refused before it starts, each with the reason.
        private: how private the weights are to be: `recmagic.privacy.Privacy(epsilon=4)`. `batch` then says how many
        users (or interactions) are in a step on average, the last weights are kept, and `history.guarantee` says what
        it cost. Its noise comes from a seed that is not told, so no two runs are the same.
        federated: train by clients that keep their data: `recmagic.federated.Federated(clients=200, rounds=50)`.
        `batch` is then a client's, `patience` counts rounds, and with `private` a client is what is protected.
        listen: called with each event of `training.events`. stop: asked between chunks; `is_set()` ends the run.

        The weights of the best epoch are kept, of a private run the last. Raises TrainingError where it
        cannot start, and on a NaN or where memory runs out, after which the last good weights are there.
        """
        if every < 1:
            raise TrainingError(f"A run cannot be kept every {every} epochs.", "Write every=1, which is each epoch.")
        beside = dict(resume=resume, memory=memory, callbacks=callbacks, checkpoint=checkpoint, precision=precision)
        private = private if private is None else private.of(federated is not None)
        if federated is not None:
            federated.check(self.program, private is not None)
            refuse_beside(BY_CLIENTS, epochs=epochs, **beside)
        if private is not None:
            private.check(self.program)
            refuse_beside(PRIVATELY, **beside)
        kept = None if checkpoint is None else Checkpoint(Path(checkpoint), every, self.fingerprint)
        if resume:
            return self._resume(epochs, patience, callbacks, listen, stop, kept)
        plan = Plan(20 if epochs is None else epochs, batch, patience, seed, listen, stop, memory, callbacks,
                    private=private, federated=federated)
        return self._learn(self._training.anew(seed, precision), plan, kept=kept)

    def _resume(self, epochs: int | None, patience: int | None, callbacks: Sequence[Any], listen: Listener | None,
                stop: Stop | None, kept: Checkpoint | None) -> History:
        """Go on from where the last run was stopped, here or, by what is kept, elsewhere."""
        training, history = self._training, self.history
        if isinstance(training, Training) and training.paused is None and kept is not None:
            found = kept.read()
            training, history = training.anew(found.seed, found.precision), found.history
            training.take_up(found.plan, found.position, found.seed)
        paused, former = training.paused, training.plan
        if paused is None or former is None or history is None:
            raise TrainingError(f"'{self.name}' was not stopped in the middle of a run, so there is nothing to go on "
                                "from.", f"Run %rectrain {self.name} without --resume; it starts anew.")
        plan = Plan(former.epochs if epochs is None else epochs, former.batch, patience, None, listen, stop,
                    former.memory, callbacks, private=former.private)
        if former.private is not None:
            former.private.check(self.program)
            refuse_beside(PRIVATELY, callbacks=callbacks, checkpoint=kept)
        if plan.epochs < paused.epoch - (kept is not None):  # a run that was kept may have died at its very end
            raise TrainingError(f"'{self.name}' has {paused.epoch - 1} epochs behind it, so {plan.epochs} are done.",
                                f"Write --epochs {paused.epoch + 9}: it counts all of them, from the first.")
        return self._learn(training, plan, paused, deepcopy(history), kept)

    def update(self, rows: Any, *, epochs: int = 5, batch: int | str | None = None, patience: int | None = 10,
               listen: Listener | None = None, stop: Stop | None = None) -> History:
        """Add new rows to the training part and go on from the weights; new ids get rows of their own.

        rows: a table with the columns that the data was loaded from. Raises DataError, ModelError, TrainingError.
        """
        self._check_trained("updated")
        training = _made_ready(self.program.updated(self.data.updated(rows)))
        history = self._learn(training, Plan(epochs, batch, patience, None, listen, stop))
        self.__dict__.pop("fingerprint", None)
        return history

    def _learn(self, training: Training | Fitting | NothingToTrain, plan: Plan, start: Position | None = None,
               history: History | None = None, kept: Checkpoint | None = None) -> History:
        """Run a training and take its program for the model's own if it has learned anything, however it ended."""
        history = history or History()
        if kept is not None:
            plan = replace(plan, keep=kept.keeper(training.program, plan, history))
        before, ended = len(history.epochs), False
        try:
            with nullcontext() if kept is None else held(kept.path):
                training.run(self.name, plan, history, start)
            ended = True
        finally:
            if history.epochs and (ended or len(history.epochs) > before):
                self._training, self.history, self.trained, self.account = training, history, True, None
        return history

    def compress(self, *, quantize: str | None = None, prune: float | None = None, structured: bool = False,
                 low_rank: int | None = None, hash: int | None = None, pq: int | None = None,
                 distill: Model | None = None, epochs: int | None = None, name: str = "smaller",
                 listen: Listener | None = None, stop: Stop | None = None) -> Model:
        """Return a smaller model of its own, whose card has sizes, time and metrics beside this one's.

        quantize: "int8" or "int4", what tables and dense layers are stored and kept in memory as; by Keras.
        prune: the share of each large table and kernel that is set to zero, the smallest first, in stages while it
        trains on; each number then takes a bit on disk, and those left their bytes.
        structured: take away that share of dimensions and units instead.
        low_rank: tables of that rank, times a shared matrix. hash: tables of more rows become two small ones whose rows
        are multiplied; trained anew. pq: rows of so many parts, each the nearest of 256 and one byte. distill: teach
        this cell of the same data, from its start, what this model thinks. Several are done in this order: distill,
        low_rank, hash, prune, pq, quantize. epochs: how long it trains after each, by default 20 where it starts anew
        and 5 where it goes on. Raises ModelError where it cannot be done, SpecError where a layer stands in the way.
        """
        self._check_trained("compressed")
        how = How(None if distill is None else distill.program, hash, low_rank, prune, structured, pq, quantize, epochs)
        work = Compressing(self.program, name, how, listen, stop)
        made_account = work.run(self.name, distill.name if distill else "")
        made = Model.over(work.program, name)
        made.trained, made.account, made.history = True, made_account, work.history or self.history
        return made

    def save(self, path: str | Path) -> Path:
        """Write the model, with its data, to a folder or a file that ends in .zip, and return the path.

        What lay there before is replaced in one step. `recmagic.load(path)` reads it, on any backend. It holds the
        interactions, encoded: whoever has it can see who did what. Raises ModelError for a Keras model that was
        brought, DataError where the place cannot be written.
        """
        kept = Kept(self.name, self.program, self.trained, self.history, self.fingerprint, self.account)
        return save(Path(path), kept)

    def code(self, *, weights: str | Path | None = None) -> Code:
        """Return a program in Keras alone that gives the same scores; ModelError where none can be written.

        weights: write what it loads to this .npz file: the weights, and what its inputs hold for every user and item.
        """
        text, path = program_text(self.program, self.name), None
        if weights is not None:
            self._check_trained("written out with its weights")
            path = write_arrays(self.program, self.name, scorer_now(self.program, backends.current(), None), weights)
        return Code(text, path)


def _made_ready(program: Program | Solved | Blend) -> Training | Fitting | NothingToTrain:
    if isinstance(program, Blend):
        return NothingToTrain(program)
    return Fitting(program) if isinstance(program, Solved) else Training(program)
