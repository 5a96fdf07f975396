"""What a client does with a message, the same in this process and on a node of a deployment: Flower's ClientApp."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from flwr.app import Array, ArrayRecord, Context, Message, MetricRecord, RecordDict
from flwr.clientapp import ClientApp
from numpy.typing import NDArray

Arrays = dict[str, NDArray[Any]]
OWN, SENT, CONFIG, TOLD = "own", "arrays", "config", "metrics"


class Learned(Protocol):
    """What a client has learned: `training.clients.Learned` is one."""

    @property
    def shared(self) -> Arrays:
        """The weights that everybody shares."""

    @property
    def own(self) -> list[NDArray[Any]]:
        """The rows of its own users."""

    @property
    def loss(self) -> float:
        """The mean loss."""

    @property
    def examples(self) -> int:
        """How many it has."""


class Site(Protocol):
    """Where clients learn."""

    def own(self, client: int) -> list[NDArray[Any]]:
        """Return the rows that a client starts from."""

    def learn(self, client: int, number: int, shared: Arrays, own: list[NDArray[Any]]) -> Learned:
        """Return what a client learns in a round."""


def client_app(site: Callable[[Message, Context], Site], equal: bool, mods: list[Any]) -> ClientApp:
    """Return the app of a client; `equal`: it counts as much as any other, however many examples it has.

    What its users have of their own stays in its context: a reply holds what is shared, a loss, and its weight.
    """
    app = ClientApp()

    @app.train(mods=mods)
    def train(message: Message, context: Context) -> Message:
        place, client = site(message, context), int(context.node_config["partition-id"])
        own = from_record(context.state[OWN]) if OWN in context.state else place.own(client)
        learned = place.learn(client, int(message.content[CONFIG]["server-round"]), by_name(message), own)
        context.state[OWN] = ArrayRecord(learned.own)
        told = MetricRecord({"loss": learned.loss, "weight": 1 if equal else learned.examples})
        return Message(RecordDict({SENT: to_record(learned.shared), TOLD: told}), reply_to=message)

    return app


def to_record(arrays: Arrays) -> ArrayRecord:
    """Return arrays as Flower sends them."""
    return ArrayRecord({name: Array(np.ascontiguousarray(each)) for name, each in arrays.items()})


def by_name(message: Message) -> Arrays:
    """Return the arrays in a message."""
    return by_names(message.content[SENT])


def by_names(record: ArrayRecord) -> Arrays:
    """Return the arrays of a record."""
    return {name: each.numpy() for name, each in record.items()}


def from_record(record: ArrayRecord) -> list[NDArray[Any]]:
    """Return the arrays that a client has kept."""
    return record.to_numpy_ndarrays()
