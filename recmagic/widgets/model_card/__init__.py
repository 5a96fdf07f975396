"""A model's card alive: the statement under the pointer is marked in the text and in the drawing."""

from __future__ import annotations

from typing import Any

from recmagic.widgets.model_card.widget import ModelCard


def view(result: Any) -> ModelCard | None:
    """Return the live view of a card, or of a model by its card; None where there is no drawing to point at."""
    card = getattr(result, "card", result)
    return ModelCard(card) if card.edges else None
