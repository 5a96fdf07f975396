"""What is taken where a cell leaves its loss or its negatives open, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from recmagic.compiler.learning import Target

MODEST_CATALOGUE = 20_000  # items up to which a full softmax is the default


def usual_loss(target: Target | None, sigmoid: bool, retrieval: bool) -> tuple[str, str]:
    """Return the loss that suits a score, and why."""
    if target is not None:
        return ("BinaryCrossentropy", "the target is 0 or 1") if target.binary else (
            "MeanSquaredError", "the target is a number")
    if sigmoid:
        return "BinaryCrossentropy", "the score is a probability"
    return "CategoricalCrossentropy" if retrieval else "BinaryCrossentropy", "it suits a model that ranks"


def usual_negatives(kind: str, retrieval: bool, items: int) -> tuple[str, str]:
    """Return the candidates that suit a ranking loss, and why."""
    if kind == "pairwise":
        return "uniform(1)", "one negative a positive, as in its paper"
    if kind == "pointwise":
        return "uniform(4)", "four negatives a positive, as in its paper"
    if not retrieval:
        return "uniform(16)", "a mixed score is dear to compute for many candidates"
    if items <= MODEST_CATALOGUE:
        return "catalogue()", f"{items:,} items are few enough for a full softmax"
    return "in_batch()", f"{items:,} items are too many for a full softmax"
