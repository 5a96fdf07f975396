"""How private a training is to be: a budget, a unit, and by which noise."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from recmagic.compiler.blend import Blend
from recmagic.compiler.guarantee import UNITS, Guarantee
from recmagic.compiler.program import Program
from recmagic.compiler.solved import Solved
from recmagic.errors import TrainingError, did_you_mean
from recmagic.privacy.accounting import epsilon_of, noise_for
from recmagic.privacy.refusals import refuse


@dataclass(frozen=True)
class Privacy:
    """The weights are to be (epsilon, delta) differentially private: with or without any one unit, they are alike.

    epsilon: the budget. delta: how probable it may be that more is told, far less than one in the number of units.
    unit: "user", all that one user did, "interaction", any one row of the log, or, in a federated training, "client",
    all that one client has.
    clip: the length to which the gradient of a unit is cut, or what a client changes in a round. rows: how many
    interactions of a user are taken at a time.
    noise: the deviation of the noise in lengths of clip; by default the least with which all epochs can be paid for.
    With a noise of your own, training stops when the budget is spent.

    Raises TrainingError at a value that makes no sense.
    """

    epsilon: float
    delta: float = 1e-5
    unit: str = "user"
    clip: float = 0.1
    rows: int = 20
    noise: float | None = None

    def __post_init__(self) -> None:
        if self.unit not in UNITS:
            raise TrainingError(f"There is no unit '{self.unit}'.",
                                did_you_mean(self.unit, UNITS) or f"The units are {' and '.join(UNITS)}.")
        for name in ("epsilon", "clip", "noise"):
            value = getattr(self, name)
            if value is not None and not (_is_number(value) and 0 < value < math.inf):
                raise TrainingError(f"{name} is a number above 0, not {value!r}.", f"Write {name}=1.0.")
        if not (_is_number(self.delta) and 0 < self.delta < 1):
            raise TrainingError(f"delta is a probability, not {self.delta!r}.", "Write delta=1e-5.")
        if type(self.rows) is not int or self.rows < 1:
            raise TrainingError(f"rows is a whole number from 1 up, not {self.rows!r}.", "Write rows=20.")

    def check(self, program: Program | Solved | Blend) -> None:
        """Refuse a model that cannot be trained so, with the reason and the nearest line that can; TrainingError."""
        refuse(program, self.unit)

    def of(self, clients: bool) -> Privacy:
        """Return the like for a training by clients, each of which is one user or several, or for one without.

        TrainingError where the unit is another.
        """
        if not clients and self.unit == "client":
            raise TrainingError("There are clients in a federated training only.",
                                "Write --unit user, or --federated clients=200.")
        if clients and self.unit == "interaction":
            raise TrainingError("Noise is measured for all that a client sends, not for one interaction.",
                                "Leave out --unit, or write --unit client.")
        return replace(self, unit="client") if clients else self

    def guarantee(self, units: int, rate: float, steps: int, epochs: int) -> Guarantee:
        """Return what epochs of so many steps each will have cost: at most epsilon, with fewer epochs if need be.

        TrainingError where delta would let a unit be told, or where epsilon does not pay for one epoch.
        """
        if self.delta * units >= 1:
            raise TrainingError(f"Of {units:,} {self.unit}s, delta={self.delta:g} would allow to publish one.",
                                f"Write delta={0.1 / units:.0g}, or less.")
        noise = self.noise or noise_for(self.epsilon, rate, epochs * steps, self.delta)
        paid = self._paid(noise, rate, steps, epochs)
        if not paid:
            raise TrainingError(f"With noise={noise:g}, one epoch costs more than epsilon={self.epsilon:g}.",
                                "Leave noise out, or take a larger --batch or epsilon.")
        whole = Guarantee(0.0, float(self.epsilon), float(self.delta), self.unit, units, rate, paid * steps,
                          float(noise), float(self.clip), self.rows)
        return self.after(whole, whole.steps)

    def after(self, whole: Guarantee, steps: int) -> Guarantee:
        """Return what a part of the steps has cost."""
        return replace(whole, epsilon=epsilon_of(whole.noise, whole.rate, steps, whole.delta), steps=steps)

    def _paid(self, noise: float, rate: float, steps: int, epochs: int) -> int:
        """Return how many of the epochs epsilon pays for."""
        paid, beyond = 0, epochs + 1
        while beyond - paid > 1:
            tried = epochs if (paid, beyond) == (0, epochs + 1) else (paid + beyond) // 2
            if epsilon_of(noise, rate, tried * steps, self.delta) <= self.epsilon:
                paid = tried
            else:
                beyond = tried
        return paid


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
