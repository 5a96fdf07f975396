"""What cannot be trained privately: where one unit's rows reach more than its own gradient. Each with a way out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from recmagic.backends.clipping import is_seed
from recmagic.compiler.blend import Blend
from recmagic.compiler.learning import LISTWISE
from recmagic.compiler.program import Program
from recmagic.compiler.solved import Solved
from recmagic.errors import TrainingError
from recmagic.layers.gaussian_latent import GaussianLatent

WHOLE_USERS = "Write --unit user, which protects all that a user did."


def refuse(program: Program | Solved | Blend, unit: str) -> None:
    """Raise TrainingError at the first thing in a model that keeps it from being trained privately by units."""
    if isinstance(program, Blend):
        raise TrainingError("A blend has nothing to train of its own.", "Train its parts privately, and blend them.")
    if isinstance(program, Solved):
        raise TrainingError(f"{program.word} is solved at once from exact counts, to which no noise is added.",
                            "Take a model that is trained, such as %recmodel NAME = BPRMF().")
    if unit == "client":  # what clients cannot do at all is refused where they are asked to; their data is their own
        checks = [_of_layers]
    else:
        checks = [_of_candidates, _of_examples, _of_padding, _of_layers, _of_averages]
    for check in [*checks, _of_rows] if unit == "interaction" else checks:
        for fact, hint in check(program):
            raise TrainingError(fact, hint)


def _of_candidates(program: Program) -> Iterator[tuple[str, str]]:
    negatives = program.learning.negatives
    if negatives is None:
        return
    if negatives.source == "batch":
        yield ("in_batch() compares a user with what others in the batch have, so no gradient is of one user alone.",
               "Write negatives = uniform(16), or catalogue().")
    if negatives.source == "drawn" and negatives.power:
        yield ("popular() draws by counts of what everybody did, and counts have no noise.",
               "Write negatives = uniform(16).")


def _of_examples(program: Program) -> Iterator[tuple[str, str]]:
    learning = program.learning
    if any(each.weights is not None for each in (learning, *learning.tasks)):
        yield ("weights come from counts of all rows, or from the moment of the last, and these have no noise.",
               "Leave the line out: weights = ...")
    if learning.augment:
        yield ("augment changes examples by what others have, or a batch at a time, and not user by user.",
               "Leave the line out: augment = ...")


def _of_padding(program: Program) -> Iterator[tuple[str, str]]:
    if program.cut.counts_padding:
        yield ("l2 beside a history of the interaction's columns counts padding too, which reads another user's row.",
               "Leave l2 out.")


def _of_layers(program: Program) -> Iterator[tuple[str, str]]:
    if program.cut.reads_graph:
        yield ("propagate() mixes each user with whoever has the same items, so no gradient is of one user alone.",
               "Take the embeddings themselves: score = embedding(user_id, 64) @ embedding(item_id, 64).")
    for layer in _stateful(program):
        if type(layer).__name__ == "BatchNormalization":
            yield ("BatchNormalization() takes means over all rows of a batch, and keeps them without noise.",
                   "Write LayerNormalization(), which sees one row at a time.")
        else:
            yield (f"{type(layer).__name__} changes variables that are not trained, and so get no noise.",
                   "Take a layer without variables of that kind.")


def _stateful(program: Program) -> Iterator[Any]:
    """Yield the layers with state that may tell of the data: more than random numbers, or a count of steps."""
    for tower in program.cut.towers:
        for layer in tower._flatten_layers(include_self=False, recursive=True):
            own = [each for each in layer._non_trainable_variables if not is_seed(each)]
            if own and not isinstance(layer, GaussianLatent):
                yield layer


def _of_averages(program: Program) -> Iterator[tuple[str, str]]:
    build = getattr(program, "build", None)
    if program.learning.kind == "regression" and build is not None and build.global_biases:
        yield ("bias() starts at the exact mean of the target over the training part.",
               "Leave it out: bias(user_id) and bias(item_id) start at 0, and learn with noise.")


def _of_rows(program: Program) -> Iterator[tuple[str, str]]:
    """Yield where one interaction reaches the gradients of others."""
    if program.looks_back or program.learning.profiles or program.cut.every_step:
        yield ("history() and profile() put an interaction into every example that looks back on it.", WHOLE_USERS)
    if program.learning.kind == LISTWISE:
        yield (f"{type(program.learning.loss).__name__} compares a user's interactions with each other.", WHOLE_USERS)
