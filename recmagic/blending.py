"""Hybrids: several trained models as one, by weights or by how much is known of a user."""

from __future__ import annotations

from collections.abc import Sequence

from recmagic.compiler.blend import Blend
from recmagic.errors import ModelError
from recmagic.model import Model


def blend(*models: Model, weights: Sequence[float] | None = None, name: str = "blend") -> Model:
    """Return a weighted hybrid: each model's scores, standardised a user at a time, times its weight (default 1 each).

    Raises ModelError where the models are not trained, stand on different data, or do not match the weights.
    """
    given = (1.0,) * len(models) if weights is None else tuple(float(each) for each in weights)
    if len(given) != len(models):
        raise ModelError(f"There are {len(models)} models and {len(given)} weights.", "Give one weight a model.")
    return _made_of(models, given, None, name)


def switch(model: Model, fallback: Model, *, below: int = 1, name: str = "switch") -> Model:
    """Return a switching hybrid: users with fewer than `below` interactions to go by get the fallback's lists.

    With 1, these are the cold users. Raises ModelError where a model is not trained or stands on other data.
    """
    return _made_of((model, fallback), (1.0, 1.0), below, name)


def _made_of(models: Sequence[Model], weights: tuple[float, ...], below: int | None, name: str) -> Model:
    names = [model.name for model in models]
    if len(names) < 2 or len(set(names)) < len(names):
        raise ModelError("A hybrid is made of two or more models, each with a name of its own.",
                         f"Here: {', '.join(names)}." if names else "")
    for model in models:
        if not model.trained:
            raise ModelError(f"'{model.name}' has not been trained, so it has nothing to say.",
                             f"Run %rectrain {model.name} first.")
        if model.data.fingerprint != models[0].data.fingerprint:
            raise ModelError(f"'{model.name}' and '{models[0].name}' stand on different data.", "Train both on one.")
    return Model.over(Blend({model.name: model.program for model in models}, weights, below), name)
