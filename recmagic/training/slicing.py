"""How many examples of a batch a CPU had better compute at once, so that what it computes stays in its cache."""

from __future__ import annotations

import keras

from recmagic.backends.protocol import Slices
from recmagic.compiler.mask_steps import MaskSteps
from recmagic.compiler.program import Program
from recmagic.layers.hstu_block import HSTUBlock
from recmagic.layers.position_embedding import PositionEmbedding
from recmagic.layers.transformer_block import TransformerBlock
from recmagic.training.footprint import Examples, step_numbers
from recmagic.training.objective import Objective

NUMBERS_AT_ONCE = 2**22  # that a step computes: 16 MB
ROW_BY_ROW = (keras.layers.InputLayer, keras.layers.Embedding, keras.layers.Dense, keras.layers.LayerNormalization,
              keras.layers.Dropout, MaskSteps, PositionEmbedding, TransformerBlock, HSTUBlock)


def slices(program: Program, objective: Objective, examples: Examples) -> Slices | None:
    """Return the objective for some users' sequences at once; None where that must be, or may be, the whole batch.

    The losses of slices add up to the batch's where no row is computed from the others, none is penalised, and each has
    candidates of its own or all items.
    """
    cut, negatives = program.cut, program.learning.negatives
    if not cut.every_step or negatives is None or negatives.source == "batch" or (
            negatives.source == "drawn" and negatives.shared):
        return None
    penalised = any("penalty" in tower.output for tower in (cut.query_tower, cut.item_tower))
    if penalised or not all(_alone(tower) for tower in cut.towers):
        return None
    at_once = max(1, examples.batch * NUMBERS_AT_ONCE // step_numbers(program, examples))
    return Slices(objective.sums, at_once) if at_once < examples.batch else None


def _alone(tower: keras.Model) -> bool:
    return all(isinstance(layer, ROW_BY_ROW) and layer.activity_regularizer is None for layer in tower.layers
               if isinstance(layer, keras.layers.Layer))
