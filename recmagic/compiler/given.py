"""Keras's own losses and optimizers where a cell has text: each becomes a word of this one model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import keras
from keras import ops

from recmagic.compiler.settings import Objects, first_line
from recmagic.errors import ModelError
from recmagic.losses import mean_with_positive
from recmagic.spec import Spec, read
from recmagic.spec.vocabulary import Parameter, Vocabulary, Word

SAME = "Write it as a cell does, in quotes: {}."
EXAMPLES = {"loss": 'loss="BPR()"', "target": 'target="at_least(rating, 4)"', "negatives": 'negatives="uniform(4)"',
            "weights": 'weights="balanced()"', "optimizer": 'optimizer="Adam(0.001)"',
            "metrics": 'metrics="[ndcg(10)]"'}
PROBABILITIES = (keras.losses.BinaryCrossentropy, keras.losses.BinaryFocalCrossentropy)
FUNCTIONS = {keras.losses.binary_crossentropy: keras.losses.BinaryCrossentropy,
             keras.losses.binary_focal_crossentropy: keras.losses.BinaryFocalCrossentropy}
# They compare the numbers of one row with each other, and a score is one number.
OF_SEVERAL = {"CategoricalCrossentropy", "SparseCategoricalCrossentropy", "CategoricalFocalCrossentropy",
              "CategoricalHinge", "CategoricalGeneralizedCrossEntropy", "KLDivergence", "CosineSimilarity", "Dice",
              "Tversky", "Circle", "CTC"}
MEANS = ("sum_over_batch_size", "mean", "mean_with_sample_weight")  # of one row each, they are all the mean


@dataclass(frozen=True)
class Given:
    """A word that stands for a Keras object: called with the settings that the text shows, it gives the object."""

    make: Callable[[], Any]
    kind: str

    def __call__(self, **shown: Any) -> Any:
        return self.make()


class RowLoss:
    """A Keras loss of what is predicted for a row and its target, both (R, 1); any reduction is left out."""

    def __init__(self, loss: Any) -> None:
        self.loss = loss

    def call(self, targets: Any, scores: Any) -> Any:
        """Return one loss a row (R,)."""
        return ops.reshape(self.loss.call(targets, scores), (-1,))


class PairLoss:
    """A Keras loss of labels 0 and 1: of a 0/1 target, or of positives (1) against their candidates (0).

    Scores are logits; a loss that takes probabilities is given their sigmoid.
    """

    kind = "pointwise"

    def __init__(self, loss: Any) -> None:
        self.loss = loss

    def __call__(self, positive: Any, negatives: Any, real: Any = None) -> Any:
        of_negatives = self.labelled(ops.zeros_like(ops.reshape(negatives, (-1,))), ops.reshape(negatives, (-1,)))
        of_positive = self.labelled(ops.ones_like(positive), positive)
        return mean_with_positive(of_positive, ops.reshape(of_negatives, ops.shape(negatives)), real)

    def labelled(self, labels: Any, logits: Any) -> Any:
        """Return one loss a pair (R,) for labels (R,) of 0 and 1."""
        scores = logits if self.loss.from_logits else ops.sigmoid(logits)
        return self.loss.call(ops.expand_dims(labels, 1), ops.expand_dims(scores, 1))


def lines_of(model: Any, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is given for each line, and the optimizer and the loss of a compiled model where none is."""
    if not getattr(model, "compiled", False):
        return {name: each for name, each in given.items() if each is not None}
    own = {"loss": _compiled_loss(model), "optimizer": model.optimizer}
    return {name: each if each is not None else own.get(name) for name, each in given.items()
            if each is not None or own.get(name) is not None}


def read_lines(lines: Mapping[str, Any], words: Vocabulary, objects: Objects) -> tuple[Spec, Objects]:
    """Return the lines as a spec, and the objects that its words name.

    Raises SpecError with a caret under a piece of text, ModelError at what is neither a text nor of Keras.
    """
    text, own_words, own_objects = "", [], dict(objects)
    for name, each in lines.items():
        if name == "metrics" and isinstance(each, (list, tuple)) and all(isinstance(one, str) for one in each):
            each = f"[{', '.join(each)}]"
        if not isinstance(each, str):
            word, settings = _word(name, each)
            own_words.append(word)
            own_objects[name, word.name] = _stands_for(name, each)
            each = f"{word.name}({settings})"
        text += f"{name} = {each}\n"
    spec = read(text, Vocabulary((*own_words, *words.words), words.refused), whole=False)
    if [statement.name for statement in spec.statements] != list(lines):
        raise ModelError("Each of loss, target, negatives, optimizer and metrics takes one value of a cell.",
                         SAME.format(EXAMPLES["loss"]))
    return spec, own_objects


def pair_loss(spec: Spec, objects: Objects) -> Any:
    """Return the Keras loss of labels 0 and 1 that the lines name, None where they name another."""
    statement = spec.statement("loss")
    word = objects.get(("loss", getattr(statement.value, "name", ""))) if statement else None
    return word.make().loss if isinstance(word, Given) and word.kind == PairLoss.kind else None


def _stands_for(name: str, each: Any) -> Given:
    """Return what the word of a Keras object stands for."""
    if name == "loss" and isinstance(each, keras.losses.Loss):
        _check_loss(each)
        made = (PairLoss if isinstance(each, PROBABILITIES) else RowLoss)(each)
        return Given(lambda: made, getattr(made, "kind", "regression"))
    if name == "optimizer" and isinstance(each, keras.optimizers.Optimizer):
        return Given(_copies(each), "optimizer")
    takes = {"loss": "a Keras loss or a text", "optimizer": "a Keras optimizer or a text"}.get(name, "a text")
    raise ModelError(f"{name} takes {takes}, not {type(each).__name__}.", SAME.format(EXAMPLES[name]))


def _compiled_loss(model: Any) -> Any:
    """Return the loss that a model was compiled with as an object of Keras, None where it has none."""
    if getattr(model._compile_loss, "_user_loss_weights", None) is not None:
        raise ModelError("The model was compiled with loss_weights, and there is one loss here.",
                         "Compile it without them, and scale the learning rate instead.")
    loss = keras.losses.get(model.loss) if isinstance(model.loss, (str, dict)) or callable(model.loss) else model.loss
    if loss is None or isinstance(loss, keras.losses.Loss):
        return loss
    if loss in FUNCTIONS:
        return FUNCTIONS[loss]()
    if callable(loss):
        return _FunctionLoss(loss)
    raise ModelError(f"The model was compiled with the loss {model.loss!r}, which is not one loss.",
                     "Give loss= a Keras loss, or a text such as \"BPR()\".")


class _FunctionLoss(keras.losses.Loss):
    """A function of targets and predictions, as `compile` takes one."""

    def __init__(self, function: Callable[[Any, Any], Any]) -> None:
        super().__init__(name=function.__name__ if function.__name__.isidentifier() else "function")
        self.call = function


def _check_loss(loss: Any) -> None:
    name = type(loss).__name__
    if name in OF_SEVERAL or type(loss).__module__.startswith("keras_rs"):
        raise ModelError(f"{name} of Keras compares several numbers of one row, and a score is one number.",
                         "Write loss=\"CategoricalCrossentropy()\" or loss=\"BPR()\", which compare candidates.")
    if loss.reduction not in MEANS:
        raise ModelError(f"{name} has reduction={loss.reduction!r}, and a step learns the mean over its rows.",
                         "Leave reduction out, and scale the learning rate instead.")


def _copies(optimizer: Any) -> Callable[[], Any]:
    """Return a function that makes the optimizer afresh, from its settings as they are now."""
    kind, settings = type(optimizer), {}
    several = getattr(optimizer, "_optimizer_map", None)
    if several is None or isinstance(several, keras.optimizers.OptimizerMap):
        settings = optimizer.get_config()

    def make() -> Any:
        return kind.from_config(deepcopy(settings)) if settings else _several(optimizer)

    try:
        make()
    except Exception as error:
        raise ModelError(f"{kind.__name__} cannot be made afresh from its settings: {first_line(error)}",
                         "Give it a get_config that says all of them.") from error
    return make


def _several(optimizer: Any) -> Any:
    """Return a MultiOptimizer afresh, where a function chooses an optimizer for each variable."""
    choose, made = optimizer._optimizer_map, {}

    def chosen(variable: Any) -> Any:
        own = choose(variable)
        if id(own) not in made:  # its copy, and itself, so that no other can come to have its place in memory
            made[id(own)] = type(own).from_config(own.get_config()), own
        return made[id(own)][0]

    return type(optimizer)(chosen, optimizer.loss_scale_factor, optimizer.name)


def _word(name: str, each: Any) -> tuple[Word, str]:
    """Return the word of a Keras object and the settings that its text shows."""
    function = isinstance(each, _FunctionLoss)
    config = {} if function or not hasattr(each, "get_config") else each.get_config()
    shown = {key: float(f"{value:.7g}") for key, value in config.items()
             if key == "learning_rate" and isinstance(value, (int, float))}
    word = Word(each.name if function else type(each).__name__, name, tuple(Parameter(key) for key in shown))
    return word, ", ".join(f"{key}={value!r}" for key, value in shown.items())
