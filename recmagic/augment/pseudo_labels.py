"""`pseudo_labels(scorer, items, users)`: what a model thinks likely is learned as if it had been seen."""

from __future__ import annotations

from typing import Any

from recmagic.augment import Augmentation, Labels


def pseudo_labels(scorer: Any, items: int = 0, users: int = 0) -> Augmentation:
    """Give rare items, or users of few interactions, likely positives by the scores of a model that is solved at once.

    `scorer` is that model, `EASE(500.0)` or another; it is solved from the training part. An item with fewer than
    `items` examples gets the users for whom it stands out most among their scores (in deviations from their mean), a
    user with fewer than `users` the best items that they do not have (Lee 2013, Pseudo-label: the simple and efficient
    semi-supervised learning method). Each stands in the situation of one of its user's own interactions. Nothing else
    sees them: what a user has, and what is evaluated, stays as it was. For losses that rank.
    """
    if not callable(getattr(scorer, "fit", None)):
        raise ValueError(f"scorer is a model that is solved at once, such as EASE(500.0), not {scorer!r}.")
    for name, value in {"items": items, "users": users}.items():
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise ValueError(f"{name} is a whole number of examples from 0 up, not {value!r}.")
    if not items and not users:
        raise ValueError("it makes none. Write items=20, users=5, or both.")
    return Augmentation(labels=Labels(scorer, items, users))
