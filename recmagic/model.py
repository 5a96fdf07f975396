"""A model: a cell and its data, with the verbs train, evaluate, recommend, predict and update."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recmagic import backends, zoo
from recmagic.compiler.blend import Blend
from recmagic.compiler.brought import bring
from recmagic.compiler.card import Card, card
from recmagic.compiler.cell import CellProgram, compile_spec
from recmagic.compiler.program import Program
from recmagic.compiler.recommender import Recommender
from recmagic.compiler.solved import Solved, solved
from recmagic.compiler.vocabulary import vocabulary
from recmagic.data.dataset import Dataset
from recmagic.errors import ModelError, TrainingError
from recmagic.evaluation.embeddings import Embeddings, Side, embeddings, rows_of
from recmagic.evaluation.item_map import ItemMap, item_map
from recmagic.evaluation.neighbours import Neighbours, neighbours
from recmagic.evaluation.predictions import in_target_units
from recmagic.evaluation.recommendations import Recommendations
from recmagic.evaluation.recommending import Request, recommend, scorer_now
from recmagic.evaluation.report import Report
from recmagic.evaluation.reporting import report
from recmagic.spec import Spec, read
from recmagic.training.engine import Stop
from recmagic.training.events import Listener
from recmagic.training.fitting import Fitting
from recmagic.training.history import History
from recmagic.training.nothing_to_train import NothingToTrain
from recmagic.training.position import Position
from recmagic.training.train import Plan, Training

METRICS = ("recmagic.evaluation.metrics", "metric")  # the words of `metrics = [...]`, from a floor above the compiler


class Model:
    """A recommender over a Dataset: a cell of text that `Model.read` reads, or a Keras model that a user brings.

    `trained` says whether it has learned anything, `history` how. Training it again starts anew, so that the same
    cells give the same model; `update` goes on from where it is.
    """

    def __init__(self, keras_model: Any, data: Dataset, *, loss: Any = None, target: str | None = None,
                 negatives: str | None = None, optimizer: Any = None, metrics: str | Sequence[str] | None = None,
                 name: str = "model") -> None:
        """Take a Keras model whose inputs are named after columns of the data, and whose output is one score a row.

        An input `user_id`, `item_id` or of any other column takes its codes, from 0 (unknown) to `data.column(name)
        .size` - 1, or its standardised numbers; `history`, of shape (length,), the codes of the items of the user's
        last interactions, the newest last, padded with 0 on the left; `history_rating` or any other column likewise.

        loss, target, negatives, optimizer, metrics: as a cell has them ("BPR()", "uniform(4)"), a Keras loss or
        optimizer, or what the model was compiled with; else the defaults of a cell. A Keras loss sees the output as
        `fit` does. Any other takes it for a logit; a sigmoid that ends it is taken off, and `predict` puts it on.

        The model itself is trained, each time from the weights that it comes with here; a seed gives the order of the
        examples and what is drawn for them. Raises ModelError, or SpecError with a caret under a piece of text.
        """
        given = {"loss": loss, "target": target, "negatives": negatives, "optimizer": optimizer, "metrics": metrics}
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

    @property
    def data(self) -> Dataset:
        """The data set."""
        return self.program.data

    @cached_property
    def fingerprint(self) -> str:
        """16 hexadecimal digits over what the model is and the data's content."""
        both = self.program.meaning(vocabulary(METRICS)) + self.data.fingerprint
        return hashlib.sha256(both.encode()).hexdigest()[:16]

    @property
    def card(self) -> Card:
        """What the model is: text, graph, shapes, sizes, kind, and the defaults taken."""
        return card(self.program, self.name, "trained" if self.trained else "not trained yet")

    def __repr__(self) -> str:
        return repr(self.card)

    def _repr_html_(self) -> str:
        return self.card._repr_html_()

    def train(self, *, epochs: int | None = None, batch: int | str | None = None, patience: int | None = 10,
              seed: int = 0, resume: bool = False, precision: str | None = None, memory: int | None = None,
              callbacks: Sequence[Any] = (), listen: Listener | None = None, stop: Stop | None = None) -> History:
        """Train from initial weights drawn by the seed, or from those that a Keras model came with; return the History.

        epochs: passes over the data, 20 by default; with `resume` counted from the first, by default as many as before.
        batch: examples a step, "all" for plain gradient descent; by default one that suits the data's size.
        patience: stop after that many epochs without a better watched metric on the validation part; None: never.
        resume: go on where the last run was stopped, to the weights that it would have had; `batch` and `seed` are its.
        memory: bytes that may hold the training log at a time; it is then read in shards, from Parquet in a temporary
        folder, and a batch holds users of one shard only.
        precision: "mixed_bfloat16" or "mixed_float16" for a GPU; by default all numbers have 32 bits.
        callbacks: Keras's, called at the moments of `fit`; our validation metrics are in their logs, as val_ndcg@10.
        What they set counts: the learning rate, stop_training, weights, over which on_train_end has the last word. One
        that acts on batches makes every step a call of its own: about 1 ms, and on JAX a copy of the weights where it
        reaches for the model. Those that could not work are refused before it starts, each with the reason.
        listen: called with each event of `training.events`. stop: asked between chunks; `is_set()` ends the run.

        The weights of the best epoch are kept. Raises TrainingError where it cannot start, or on a NaN loss, after
        which the last good weights are there.
        """
        if resume:
            return self._resume(epochs, patience, callbacks, listen, stop)
        plan = Plan(20 if epochs is None else epochs, batch, patience, seed, listen, stop, memory, callbacks)
        return self._learn(self._training.anew(seed, precision), plan)

    def _resume(self, epochs: int | None, patience: int | None, callbacks: Sequence[Any], listen: Listener | None,
                stop: Stop | None) -> History:
        """Go on from where the last run was stopped."""
        paused, former = self._training.paused, self._training.plan
        if paused is None or former is None or self.history is None:
            raise TrainingError(f"'{self.name}' was not stopped in the middle of a run, so there is nothing to go on "
                                "from.", f"Run %rectrain {self.name} without --resume; it starts anew.")
        plan = Plan(former.epochs if epochs is None else epochs, former.batch, patience, None, listen, stop,
                    former.memory, callbacks)
        if plan.epochs < paused.epoch:
            raise TrainingError(f"'{self.name}' has {paused.epoch - 1} epochs behind it, so {plan.epochs} are done.",
                                f"Write --epochs {paused.epoch + 9}: it counts all of them, from the first.")
        return self._learn(self._training, plan, paused, deepcopy(self.history))

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
               history: History | None = None) -> History:
        """Run a training and take its program for the model's own if it has learned anything, however it ended."""
        history = history or History()
        try:
            training.run(self.name, plan, history, start)
        finally:
            if history.epochs:
                self._training, self.history, self.trained = training, history, True
        return history

    def evaluate(self, *others: Model, k: int = 10, on: str = "test", by: str = "") -> Report:
        """Rank the whole catalogue for the users of a part ("test" or "valid") and report, Popularity beside it.

        others: models of the same data to report beside this one. by: also report segments apart, by the users'
        "activity", the items' "popularity", or a column of either. Raises ModelError if one is not trained, DataError
        if the part has nothing to find.
        """
        for model in (self, *others):
            model._check_trained("evaluated")
        programs = {model.name: model.program for model in (self, *others)}
        return report(programs, backends.current(), k=k, on=on, by=by)

    def recommend(self, users: Iterable[Any] | None = None, *, k: int = 10, among: Iterable[Any] | None = None,
                  include_seen: bool = False, liked: Iterable[Any] | None = None,
                  features: Mapping[str, Any] | None = None, context: Mapping[str, Any] | None = None,
                  to: str | Path | None = None) -> Recommendations | Path:
        """Return the best k items for users by their ids, or for all users (None).

        among: choose from these item ids only. include_seen: also what a user already has. liked, features: for one new
        user, known by the items they like (ids or titles) or by what they are; ModelError where the cell has no use
        for it. context: values of the interaction's own columns, where the cell uses them. to: write to this Parquet
        file and return its path.
        """
        self._check_trained("asked")
        request = Request(users, k, among, include_seen, liked, features, context)
        found = recommend(self.program, backends.current(), self.name, request)
        return found if to is None else found.to_parquet(to)

    def predict(self, users: Iterable[Any], items: Iterable[Any], *, score: str | None = None,
                context: Mapping[str, Any] | None = None) -> NDArray[np.float64]:
        """Return one number for each pair of a user id and an item id (N,): a rating, a probability, or a score.

        score: of a cell with several scores, the name of one; by default the one that ranks; ModelError at another
        name. context: values of the interaction's own columns, where the cell uses them.
        """
        self._check_trained("asked")
        program = self._by(score)
        scorer = scorer_now(program, backends.current(), context)
        rows = self.data.users.rows(users), self.data.items.rows(items)
        return in_target_units(program, scorer.pairs(*rows))

    def _by(self, score: str | None) -> Recommender:
        """Return the program ranked by one of its scores, None: as the cell says."""
        if score is None:
            return self.program
        known = self.program.by_score
        if score not in known:
            hint = f"Take one of {', '.join(known)}." if known else "It has one score, so leave the name out."
            raise ModelError(f"'{self.name}' has no score '{score}'.", hint)
        return known[score]

    def embeddings(self, of: Side, ids: Iterable[Any] | None = None, *, new: Any = None) -> Embeddings:
        """Return the vectors that the model has of "users" or "items", by their ids or titles, or of all (None).

        new: a table of users or items that the data does not hold, with the columns it has; ModelError where the model
        knows them by their id only. `.df` is a table with the columns of each and v0, v1, ..., `.vectors` an array.
        """
        self._check_trained("asked")
        return embeddings(self.program, backends.current(), self.name, of, ids, new)

    def map(self, *, color: str | None = None, method: str = "pca") -> ItemMap:
        """Return the items in two dimensions by "pca" or "umap", coloured by a column of theirs or "popularity"."""
        return item_map(self.embeddings("items"), self.data, color, method)

    def similar_items(self, items: Iterable[Any], *, k: int = 10) -> Neighbours:
        """Return the k items whose vectors have the largest cosine with those of some items, by their ids or titles."""
        return self._similar("items", items, k)

    def similar_users(self, users: Iterable[Any], *, k: int = 10) -> Neighbours:
        """Return the k users whose vectors have the largest cosine with those of some users, by their ids."""
        return self._similar("users", users, k)

    def _similar(self, side: Side, ids: Iterable[Any], k: int) -> Neighbours:
        every, of = self.embeddings(side), self.data.items if side == "items" else self.data.users
        return neighbours(every, rows_of(of, ids, self.data.name), self.data, k)

    def _check_trained(self, verb: str) -> None:
        if not self.trained:
            raise ModelError(f"'{self.name}' has not been trained, so it cannot be {verb}.",
                             f"Run %rectrain {self.name} first.")


def _made_ready(program: Program | Solved | Blend) -> Training | Fitting | NothingToTrain:
    if isinstance(program, Blend):
        return NothingToTrain(program)
    return Fitting(program) if isinstance(program, Solved) else Training(program)
