"""FedProx's term: a client is held near to the weights that it was sent."""

from __future__ import annotations

from typing import Any

from keras import ops

from recmagic.backends.protocol import Arrays
from recmagic.compiler.cut import Cut
from recmagic.compiler.learning import Learning
from recmagic.training.objective import Objective


class Near(Objective):
    """The objective and mu / 2 times the square of how far some variables are from where they began (Li et al. 2020,
    Federated optimization in heterogeneous networks).

    `variables` are given by a number N; the data has `near/N`, where each began, and `near/mu`.
    """

    def __init__(self, cut: Cut, learning: Learning, variables: dict[int, Any]) -> None:
        super().__init__(cut, learning)
        self.variables = variables

    def sums(self, data: Arrays, batch: Arrays) -> tuple[Any, Any]:
        """Return the objective's sums, with the term once a prediction."""
        total, count = super().sums(data, batch)
        away = sum(ops.sum(ops.square(variable.value - data[f"near/{number}"]))
                   for number, variable in self.variables.items())
        return total + count * data["near/mu"] / 2 * away, count
