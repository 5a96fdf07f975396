"""A Keras model that a user brings: cut into its raw inputs, by side, and a head that is the model itself."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from recmagic.compiler.cut import Cut, mixed
from recmagic.compiler.ending import logit_of, without_sigmoid
from recmagic.compiler.feeds import Feed
from recmagic.compiler.given import lines_of, pair_loss, read_lines
from recmagic.compiler.graphs import Graphs
from recmagic.compiler.learning import Learner, learning
from recmagic.compiler.named_inputs import called, inputs_of, value_of
from recmagic.compiler.outline import Line, Outline, learning_lines
from recmagic.compiler.program import Program
from recmagic.compiler.settings import said
from recmagic.compiler.vocabulary import objects
from recmagic.data.dataset import Dataset
from recmagic.errors import ModelError
from recmagic.spec import Spec, write
from recmagic.spec.vocabulary import Vocabulary

NOTE = "Every training starts from the weights that the Keras model came with; the seed orders and draws the examples."


@dataclass(eq=False, kw_only=True)
class BroughtProgram(Program):
    """A user's own Keras model over a data set. It is trained itself: its weights are those of the program.

    `spec` and `words` are what it learns, `initial` the weights that it came with.
    """

    model: Any
    spec: Spec
    words: Mapping[tuple[str, str], Any]
    initial: list[NDArray[Any]]

    @property
    def layers(self) -> list[keras.layers.Layer]:
        """None of its layers is ours."""
        return []

    @property
    def keras_model(self) -> Any:
        """The model itself."""
        return self.model

    def redraw(self, seed: int) -> None:
        """Set all variables back to what they were when the model was brought."""
        for variable, value in zip(self.cut.variables, self.initial):
            variable.assign(value)
        self.seed = seed

    def anew(self, seed: int, precision: str | None) -> BroughtProgram:
        """Return it to be trained from the start; ModelError at a precision, which the model has of its own."""
        if precision is not None:
            raise ModelError("A Keras model computes in the precision that it was built with.",
                             f'Run keras.config.set_dtype_policy("{precision}") before you build it.')
        return _program(self.model, self.data, self.spec, self.words, self.initial)

    def updated(self, data: Dataset) -> BroughtProgram:
        """Return it over more data; ModelError where its tables have no row for a new code."""
        program = _program(self.model, data, self.spec, self.words, self.initial)
        program.seed, program.carried_over = self.seed, True
        return program

    def make_optimizer(self) -> Any:
        """Return its optimizer, made afresh; where the model has numbers of 16 bits, with a scaled loss as in Keras."""
        made = self.learning.optimizer()
        scaled = isinstance(made, keras.optimizers.LossScaleOptimizer)
        half = self.model.dtype_policy.name == "mixed_float16"
        return keras.optimizers.LossScaleOptimizer(made) if half and not scaled else made

    def outline(self) -> Outline:
        """Return its score and what it learns."""
        names = list(inputs_of(self.model))
        score = Line("score", f"{self.model.name}({', '.join(names)})", "1", ("item", "user"), self.parameters)
        lines = (score, *learning_lines(self.spec))
        text = f"# the Keras model {self.model.name}\n{write(self.spec)}"
        return Outline(text, lines, tuple((name, "score") for name in names), (NOTE,))

    def meaning(self, words: Vocabulary) -> str:
        """Return a short hash of its layers, of the weights that it came with, and of what it learns."""
        found = hashlib.sha256(write(self.spec).encode())
        for layer in self.model.layers:
            found.update(f"{type(layer).__name__} {layer.name}".encode())
        for values in self.initial:
            found.update(np.ascontiguousarray(values).tobytes())
        return found.hexdigest()[:16]


def bring(model: Any, data: Dataset, given: Mapping[str, Any], words: Vocabulary) -> BroughtProgram:
    """Take a Keras model over a data set; `given` is what stands on each learning line, None where nothing is said.

    Raises ModelError where the model does not fit the data, SpecError where a piece of text does not.
    """
    if not isinstance(data, Dataset):
        raise ModelError(f"The data must be a Dataset, not {type(data).__name__}.",
                         "Make one of a table: recmagic.Dataset.load(table).")
    inputs_of(model)
    spec, own_words = read_lines(lines_of(model, given), words, objects())
    return _program(model, data, spec, own_words, None)


def _program(model: Any, data: Dataset, spec: Spec, words: Mapping[tuple[str, str], Any],
             initial: list[NDArray[Any]] | None) -> BroughtProgram:
    learner = Learner(spec, data, dict(words))
    target = learner.target()
    if learner.masked or learner.profiles:
        raise ModelError("masked_item and profile_items belong to a cell's history(…) or profile(…), and here a Keras "
                         "model reads its own inputs.", "Leave the target out.")
    made = _cut(model, data, learner, learner.is_regression(target))
    learned = learning(learner, target, made.sigmoid, retrieval=False)
    if initial is None:
        initial = [np.array(ops.convert_to_numpy(each.value)) for each in made.variables]
    program = BroughtProgram(data=data, cut=made, learning=learned, seed=0, model=model, spec=spec, words=words,
                             initial=initial)
    column = program.reads_target()
    if column is not None:
        raise ModelError(f"The model reads '{column.name}', which is what it should predict.",
                         f"An input history_{column.name} may read what came before.")
    _try(made)
    return program


def _cut(model: Any, data: Dataset, learner: Learner, whole: bool) -> Cut:
    """Cut a Keras model: its inputs are the towers' outputs. Unless it is taken `whole`, its score is a logit."""
    graphs = Graphs()
    crossing: dict[str, Any] = {}
    sides: set[str] = set()
    for name, given in inputs_of(model).items():
        value = value_of(graphs, data, name, given)
        crossing[name] = graphs.cross(value).tensor
        sides |= value.sides
    for side in ("user", "item"):
        if side not in sides:
            raise ModelError(f"The model has no input of the {side}, so every {side} would tie.",
                             f'Give it one: keras.Input((), dtype="int32", name="{side}_id").')
    _check_one_score(model)
    scored = None if whole else without_sigmoid(model)
    score = called(scored or model, crossing)
    loss = pair_loss(learner.spec, learner.objects)
    if loss is not None and loss.from_logits and scored is not None:
        raise ModelError(f"{type(loss).__name__} has from_logits=True, and the model ends in a sigmoid.",
                         "Leave one of them out.")
    if loss is not None and not loss.from_logits and scored is None:
        score, scored = logit_of(score), model  # a probability by the loss's word, though no sigmoid is seen
    return mixed(graphs, data.items.count, score, [scored is not None])


def _check_one_score(model: Any) -> None:
    shapes = [tuple(each.shape) for each in model.outputs]
    if len(shapes) != 1 or shapes[0][1:] not in ((), (1,)):
        told = " and ".join(str(shape[1:]) for shape in shapes)
        raise ModelError(f"The model gives {told} a row, and a score is one number.",
                         "Let it end in keras.layers.Dense(1).")


def _try(made: Cut) -> None:
    """Refuse a model that gives no number for a user without a past, or for the last code of a column."""
    score, reason = _tried(made, "", 0)
    if score is None or not np.isfinite(score):
        raise ModelError(f"The Keras model cannot score what is not known, as the past of a new user: {reason}.",
                         "All its codes are 0 there, so a mean over masked steps is one of none: leave mask_zero out.")
    for table, column in made.tables.items():
        last = max(0, column.size - 1)
        score, reason = _tried(made, table, last)
        if score is None or not np.isfinite(score):
            raise ModelError(f"The Keras model cannot score the codes of '{column.name}', which go up to {last}: "
                             f"{reason}.", f'A table for them has data.column("{column.name}").size rows, which is '
                             f"{column.size}.")


def _tried(made: Cut, table: str, code: int) -> tuple[float | None, str]:
    """Return the score where one table gives this code and the others 0, None where there is none, and a reason."""
    towers = ((made.query_tower, made.query_feeds), (made.item_tower, made.item_feeds))
    try:
        query, item = (_asked(tower, feeds, table, code) for tower, feeds in towers)
        score = float(ops.convert_to_numpy(made.pairs(query, item))[0])
    except Exception as error:  # whatever a layer says about a code
        return None, said(error).rstrip(".")
    return score, f"the score is {score}"


def _asked(tower: Any, feeds: tuple[Feed, ...], table: str, code: int) -> list[Any]:
    """Return what a tower gives for one row: a code from one table and zeros from the others; steps are real if it is.
    """
    values = {feed.name: np.full((1, *given.shape[1:]), code if feed.table in (table, "") else 0, given.dtype)
              for feed, given in zip(feeds, tower.inputs)}
    return list(tower(values, training=False)["vectors"])
