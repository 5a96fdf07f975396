"""What a client does with a message, the same in this process and on a node of a deployment: Flower's ClientApp."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

import numpy as np
from flwr.app import Array, ArrayRecord, ConfigRecord, Context, Message, MetricRecord, RecordDict
from flwr.clientapp import ClientApp
from numpy.typing import NDArray

Numbers = NDArray[Any]
Arrays = dict[str, Numbers]
OWN, SENT, CONFIG, TOLD = "own", "arrays", "config", "metrics"


class Answer(NamedTuple):
    """What a client has learned: shared weights, the rows of its own users, the mean loss, how many examples."""

    shared: Arrays
    own: list[Numbers]
    loss: float
    examples: int


class Site(Protocol):
    """Where clients learn; `said` is what the server sends beside weights."""

    def begin(self, said: dict[str, Any]) -> Arrays:
        """Return the shared weights that a training may start from."""

    def own(self, client: int) -> list[Numbers]:
        """Return the rows that a client starts from."""

    def learn(self, client: int, said: dict[str, Any], shared: Arrays, own: list[Numbers]) -> Answer:
        """Return what a client learns in a round."""

    def end(self, said: dict[str, Any], shared: Arrays, own: list[Numbers]) -> None:
        """Take in what all have learned."""


def client_app(site: Callable[[Context], Site], equal: bool, mods: list[Any]) -> ClientApp:
    """Return the app of a client; `equal`: it counts as much as any other, however many examples it has.

    What its users have of their own stays in its context: a reply holds what is shared, a loss, and its weight.
    """
    app = ClientApp()

    def kept(place: Site, context: Context) -> list[Numbers]:
        return context.state[OWN].to_numpy_ndarrays() if OWN in context.state else place.own(_number(context))

    @app.query("begin")
    def begin(message: Message, context: Context) -> Message:
        shared = site(context).begin(_said(message))
        return Message(RecordDict({SENT: to_record(shared)}), reply_to=message)

    @app.train(mods=mods)
    def train(message: Message, context: Context) -> Message:
        place = site(context)
        learned = place.learn(_number(context), _said(message), by_name(message), kept(place, context))
        context.state[OWN] = ArrayRecord(learned.own)
        told = MetricRecord({"loss": learned.loss, "weight": 1 if equal else learned.examples})
        return Message(RecordDict({SENT: to_record(learned.shared), TOLD: told}), reply_to=message)

    @app.query("end")
    def end(message: Message, context: Context) -> Message:
        place = site(context)
        place.end(_said(message), by_name(message), kept(place, context))
        return Message(RecordDict({CONFIG: ConfigRecord()}), reply_to=message)

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


def _said(message: Message) -> dict[str, Any]:
    return dict(message.content[CONFIG])


def _number(context: Context) -> int:
    return int(context.node_config.get("partition-id", 0))
