"""What the server makes of the answers of a round: Flower's strategies, and its wrapper that makes them private."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from flwr.app import Array, ArrayRecord, ConfigRecord, Message, MetricRecord
from flwr.clientapp.mod import LocalDpMod
from flwr.serverapp import Grid
from flwr.serverapp.strategy import (
    DifferentialPrivacyServerSideFixedClipping,
    FedAdam,
    FedAvg,
    FedProx,
    Strategy,
)

from recmagic.compiler.guarantee import Guarantee
from recmagic.federated.client import TOLD

# Whom a round asks is chosen before: all that a grid has are asked.
ALL: dict[str, Any] = {"fraction_train": 1.0, "fraction_evaluate": 0.0, "min_train_nodes": 0, "min_available_nodes": 0,
                       "weighted_by_key": "weight"}


class Expected(FedAvg):
    """FedAvg that adds up what clients have changed, and divides by how many were expected, not by how many came.

    So what one client adds is no larger where few come, which is what noise is measured for, and a round to which
    nobody comes gets noise too.
    """

    def __init__(self, expected: float, **settings: Any) -> None:
        super().__init__(**settings)
        self.expected, self.before = expected, ArrayRecord()

    def configure_train(self, server_round: int, arrays: ArrayRecord, config: ConfigRecord,
                        grid: Grid) -> Iterable[Message]:
        """Remember what is sent."""
        self.before = arrays
        return super().configure_train(server_round, arrays, config, grid)

    def aggregate_train(self, server_round: int,
                        replies: Iterable[Message]) -> tuple[ArrayRecord | None, MetricRecord | None]:
        """Return the weights after a round."""
        came = list(replies)
        for reply in came:  # whatever a client says that it counts
            reply.content[TOLD]["weight"] = 1
        mean, metrics = super().aggregate_train(server_round, came)
        if mean is None:
            return self.before, metrics
        share = len(came) / self.expected
        added = {name: (before := self.before[name].numpy()) + share * (mean[name].numpy() - before)
                 for name in self.before}
        return ArrayRecord({name: Array(np.asarray(each, np.float32)) for name, each in added.items()}), metrics


class _FedAdam(FedAdam):
    """Flower's, whose weights come out with 64 bits, which would be sent to all clients."""

    def aggregate_train(self, server_round: int,
                        replies: Iterable[Message]) -> tuple[ArrayRecord | None, MetricRecord | None]:
        """Return the weights after a round, with 32 bits."""
        arrays, metrics = super().aggregate_train(server_round, replies)
        if arrays is None:
            return None, metrics
        return ArrayRecord({name: Array(each.numpy().astype(np.float32)) for name, each in arrays.items()}), metrics


STRATEGIES = {"fedavg": FedAvg, "fedprox": FedProx, "fedadam": _FedAdam}


class _PrivateFedProx(Expected, FedProx):
    pass


def strategy(name: str, mu: float, rate: float, expected: float, central: Guarantee | None) -> Strategy:
    """Return a strategy by its name: `mu` is FedProx's, `rate` the learning rate of FedAdam's server.

    With a guarantee updates are cut to a length, and their sum gets noise; `expected` clients come on average.
    """
    own = {"fedprox": {"proximal_mu": mu}, "fedadam": {"eta": rate}}.get(name, {})
    if central is None:
        return STRATEGIES[name](**ALL, **own)
    kind = {"fedavg": Expected, "fedprox": _PrivateFedProx}[name]
    # The deviation of the noise is noise * clip / expected: that of a sum, divided as the sum is.
    inner = kind(expected, **ALL, **own)
    return DifferentialPrivacyServerSideFixedClipping(inner, central.noise, central.clip, expected)


def local_noise(asked: Guarantee) -> list[Any]:
    """Return the mod that cuts a client's update and adds noise before it leaves.

    Whatever a client's data may be, its update moves by at most twice the length it is cut to. The deviation that
    Flower takes is sensitivity * sqrt(2 ln(1.25 / delta)) / epsilon: its epsilon is set so that it is noise times that.
    """
    epsilon = float(np.sqrt(2 * np.log(1.25 / asked.delta)) / asked.noise)
    return [LocalDpMod(asked.clip, 2 * asked.clip, epsilon, asked.delta)]
