"""What a private training promises, in numbers and in sentences, and what it does not cover."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, fields
from typing import Any

UNITS = ("user", "interaction", "client")
ANSWERS = "answers"  # of clients, each of which adds noise before it sends anything
WHAT = {"user": "all interactions of any one user", "interaction": "any one interaction",
        "client": "all that any one client has"}
OWN_ROWS = ("the rows of a client's own users: they stay with it without noise, and this model holds them only because "
            "its clients were simulated; of other clients they tell no more than the shared weights do")
NOT_COVERED = (
    "who is in the data and what the items are: the lists of users and items, other vocabularies, means and quantiles "
    "of columns, and features of users and items are taken from the data as they are",
    "how many there are of them, and popularity",
    "choosing between trainings: settings, epochs or seeds that were tried on the same data",
    "what is measured and shown beside the weights: losses, metrics, reports, and lists that leave out what a user has",
    "the interactions themselves, which a saved model holds, and weights that a Keras model of yours came with",
    "rounding, and random numbers that are not made for secrets",
)


@dataclass(frozen=True)
class Guarantee:
    """The weights are (epsilon, delta) differentially private, `budget` being what epsilon may become.

    `unit` is added or removed: one of `units`, in each of `steps` steps with probability `rate`; its gradient is cut to
    the length `clip`, `noise` is the deviation of the noise in lengths of `clip`. `rows` of a user's are taken at a
    time. With the unit "client" or "answers" a step is a round of a federated training; with "answers" it is what each
    client sends that is private, whatever its data is, and `noise` counts in lengths of twice `clip`.
    """

    epsilon: float
    budget: float
    delta: float
    unit: str
    units: int
    rate: float
    steps: int
    noise: float
    clip: float
    rows: int

    @property
    def spent(self) -> str:
        """How much is spent, of how much: "ε 1.31 of 4"."""
        return f"ε {self.epsilon:.3g} of {self.budget:g}"

    @property
    def sentences(self) -> list[str]:
        """What it means, how it was reached, and what it does not cover."""
        if self.unit == ANSWERS:
            return self._of_answers()
        what = WHAT[self.unit]
        promise = (f"Private: with or without {what}, the weights are alike up to ε = {self.epsilon:.4g}, "
                   f"δ = {self.delta:g} (differential privacy, add or remove one {self.unit}).")
        if self.unit == "client":
            how = (f"DP-FedAvg: {self.steps:,} rounds, each client of {self.units:,} in a round with probability "
                   f"{self.rate:.4g}, what it changes cut to length {self.clip:g}, noise {self.noise:.4g} times that "
                   "on the sum; counted by dp-accounting (PLD).")
            return [promise, how, f"Not covered: {'; '.join((OWN_ROWS, *NOT_COVERED))}."]
        how = (f"DP-SGD: {self.steps:,} steps, each {self.unit} of {self.units:,} in a step with probability "
               f"{self.rate:.4g}, gradients cut to length {self.clip:g}, noise {self.noise:.4g} times that; "
               "counted by dp-accounting (PLD).")
        return [promise, how, f"Not covered: {'; '.join(NOT_COVERED)}."]

    def _of_answers(self) -> list[str]:
        return [
            f"Private: whatever any one of {self.units:,} clients has, all the weights that it sends are alike up to "
            f"ε = {self.epsilon:.4g}, δ = {self.delta:g} (local differential privacy).",
            f"{self.steps:,} rounds, in all of which it may be; what it changes cut to length {self.clip:g}, noise "
            f"{self.noise:.4g} times twice that before it is sent; counted by dp-accounting (PLD).",
            f"Not covered: {'; '.join((OWN_ROWS, *NOT_COVERED))}.",
        ]

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON, with what it says to a reader of the file."""
        return asdict(self) | {"says": self.sentences}

    @classmethod
    def from_json(cls, told: Any) -> Guarantee | None:
        """Return what `to_json` gave, None where it is none."""
        kinds = {each.name: {"float": (float, int), "int": (int,), "str": (str,)}[str(each.type)]
                 for each in fields(cls)}
        if not isinstance(told, dict) or set(told) != {*kinds, "says"}:
            return None
        numbers = [told[name] for name in kinds if name != "unit"]
        fits = (all(type(told[name]) in kind for name, kind in kinds.items()) and told["unit"] in (*UNITS, ANSWERS)
                and all(0 <= each < math.inf for each in numbers))
        return cls(**{name: told[name] for name in kinds}) if fits else None
