"""What cannot be trained by clients that keep their data to themselves, each with the reason and a way out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from recmagic.compiler.blend import Blend
from recmagic.compiler.own_rows import mixed_readers
from recmagic.compiler.program import Program
from recmagic.compiler.solved import Solved
from recmagic.errors import TrainingError


def refuse(program: Program | Solved | Blend) -> None:
    """Raise TrainingError at the first thing in a model that no client could do with its own data alone."""
    if isinstance(program, Blend):
        raise TrainingError("A blend has nothing to train of its own.", "Train its parts by clients, and blend them.")
    if isinstance(program, Solved):
        raise TrainingError(f"{program.word} is solved at once from what everybody did, which no one place has here.",
                            "Take a model that is trained, such as %recmodel NAME = BPRMF().")
    if program.keras_model is not None:
        raise TrainingError("Of a Keras model that you brought, it is not known which weights are a user's own.",
                            "Write it as a cell, in which embedding(user_id, 32) holds them.")
    for check in (_of_weights, _of_candidates, _of_examples, _of_padding):
        for fact, hint in check(program):
            raise TrainingError(fact, hint)


def _of_weights(program: Program) -> Iterator[tuple[str, str]]:
    """Yield where what is learned of one user would leave their client."""
    if program.cut.reads_graph:
        yield ("propagate() mixes each user with whoever has the same items, and no client knows who they are.",
               "Take the embeddings themselves: score = embedding(user_id, 64) @ embedding(item_id, 64).")
    for layer in mixed_readers(program.cut):
        yield (f"{type(layer).__name__} '{layer.name}' has weights that several users' ids share, so that each user "
               "could be told from what leaves their client.", "Write embedding(user_id, 32), without hashed=.")


def _of_candidates(program: Program) -> Iterator[tuple[str, str]]:
    negatives = program.learning.negatives
    if negatives is None:
        return
    if negatives.source == "drawn" and negatives.power:
        yield ("popular() draws by counts of what everybody did, which no client knows.",
               "Write negatives = uniform(16).")
    if negatives.source == "batch" and negatives.correction and program.learning.kind == "softmax":
        yield ("in_batch() corrects by counts of what everybody did, which no client knows.",
               "Write negatives = in_batch(correction=False), or catalogue().")


def _of_examples(program: Program) -> Iterator[tuple[str, str]]:
    learning = program.learning
    if any(each.weights is not None for each in (learning, *learning.tasks)):
        yield ("weights come from counts of all rows, or from the moment of the last, which no client knows.",
               "Leave the line out: weights = ...")
    if any(each.gives == "swaps" for each in learning.augment):
        yield ("substitute() puts in items that everybody's histories make similar, and no client has those.",
               "Leave substitute() out; crop, mask and reorder change a history by itself.")
    if any(each.labels is not None or each.between is not None for each in learning.augment):
        yield ("pseudo_labels() and smote() make examples of what everybody did, which no client knows.",
               "Leave them out; crop, mask and reorder change a history by itself.")
    build: Any = getattr(program, "build", None)
    if learning.kind == "regression" and build is not None and build.global_biases:
        yield ("bias() starts at the mean of everybody's targets, which no client knows.",
               "Leave it out: bias(user_id) and bias(item_id) start at 0.")


def _of_padding(program: Program) -> Iterator[tuple[str, str]]:
    if program.cut.counts_padding:
        yield ("l2 beside a history of the interaction's columns counts padding too, which reads another user's row.",
               "Leave l2 out.")
