"""ListMLE: the likelihood of the order in which a user's own rows stand."""

from __future__ import annotations

from typing import Any

from keras import ops

HIDDEN = -1e9  # the logit of a row that does not count


class ListMLE:
    """-log of the chance that rows are drawn in the order of their targets, the highest first (Xia et al. 2008).

    Each draw is a softmax over the rows not drawn yet. Rows of equal targets have no order among themselves: each is
    compared with all of them (Breslow 1974, Covariance analysis of censored survival data). A user's rows are dealt
    into lists of at most `length`, anew each epoch; where each step of a sequence is an example, that is the list.
    """

    kind = "listwise"

    def __init__(self, length: int = 20) -> None:
        if not isinstance(length, int) or isinstance(length, bool) or length < 2:
            raise ValueError(f"a list is a whole number of rows from 2 up, not {length!r}.")
        self.length = length

    def lists(self, labels: Any, scores: Any, real: Any) -> Any:
        """Return one loss a row (B, L), 0 where it does not count, for B lists of L rows; `real` bool (B, L)."""
        not_above = ops.expand_dims(labels, 1) <= ops.expand_dims(labels, 2)  # (B, i, j): j may be drawn after i
        left = ops.logical_and(not_above, ops.expand_dims(real, 1))
        others = ops.where(left, ops.expand_dims(scores, 1), HIDDEN)
        return ops.where(real, ops.logsumexp(others, axis=2) - scores, 0.0)
