"""What a score is the sum of: a blend's parts, or the sides of a model whose score is a sum of products and biases."""

from __future__ import annotations

import numpy as np
from keras import ops

from recmagic.compiler.blend import Blend, BlendScorer
from recmagic.compiler.program import Program
from recmagic.compiler.recommender import PairScorer, Recommender
from recmagic.compiler.scorer import CutScorer


def shares(program: Recommender, scorer: PairScorer, user: int, item: int) -> dict[str, float]:
    """Return the terms whose sum is the score of a user row and an item row, by what they come from; {} where the score
    is no such sum."""
    if isinstance(program, Blend) and isinstance(scorer, BlendScorer):
        terms = scorer.terms(np.array([user], np.int32))[:, 0, item]
        return {name: float(term) for name, term in zip(program.parts, terms) if np.isfinite(term)}
    if isinstance(program, Program) and isinstance(scorer, CutScorer) and program.cut.factors is not None:
        return _sides(scorer, program.cut.factors, user, item)
    return {}


def _sides(scorer: CutScorer, factors: int, user: int, item: int) -> dict[str, float]:
    """Take a retrieval model's product apart; behind its factors stand the user's own term, then the item's own, each
    times a one of the other side (see compiler/score.py)."""
    query = np.asarray(ops.convert_to_numpy(scorer.query_vectors(np.array([user], np.int32))[0]), np.float64)[0]
    items = np.asarray(ops.convert_to_numpy(scorer.item_vectors()[0]), np.float64)
    product = query * items[item]
    own = dict(zip(("the user alone", "the item alone"), product[factors:]))
    if len(product) == factors + 1 and (items[:, factors] != 1).any():
        own = {"the item alone": product[factors]}
    return {"user and item together": float(product[:factors].sum())} | {name: float(of) for name, of in own.items()}
