"""The clients of a simulation as Flower's strategies see them: a Grid that hands each message to an app right here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from flwr.app import Context, Error, Message, RecordDict
from flwr.clientapp import ClientApp
from flwr.serverapp import Grid
from flwr.supercore.task_identity import TaskIdentity  # not public: `tests/federated/test_grid.py` holds it

LOST, LATE = 1, 2


class LocalGrid(Grid):
    """Runs an app for `count` clients, each with a context of its own.

    `asked` gives who is asked in a round (numbers from 0). Each of them falls out with the probability `dropouts`, and
    is too late with `stragglers`: then it has learned, but its answer does not count.
    """

    def __init__(self, app: ClientApp, count: int, asked: Callable[[int], list[int]], dropouts: float,
                 stragglers: float, seed: int) -> None:
        self.app, self.asked, self.dropouts, self.stragglers = app, asked, dropouts, stragglers
        self.rng = np.random.default_rng(seed)
        self.contexts = [Context(run_id=1, node_id=client + 1, state=RecordDict(), run_config={},
                                 node_config={"partition-id": client, "num-partitions": count})
                         for client in range(count)]
        self.nodes: list[int] = []

    def open(self, number: int) -> None:
        """Begin a round: choose who is asked in it."""
        self.nodes = [client + 1 for client in self.asked(number)]

    def get_node_ids(self) -> Iterable[int]:
        """Return who is asked in this round."""
        return self.nodes

    def send_and_receive(self, messages: Iterable[Message], *, timeout: float | None = None) -> Iterable[Message]:
        """Return the answers that come in time, in the order of the clients."""
        found = []
        for message in sorted(messages, key=lambda each: each.metadata.dst_node_id):
            chance = self.rng.random()
            if chance < self.dropouts:
                found.append(Message(Error(LOST, "dropped out"), reply_to=message))
                continue
            reply = self.app(message, self.contexts[message.metadata.dst_node_id - 1])
            late = chance < self.dropouts + self.stragglers
            found.append(Message(Error(LATE, "too late"), reply_to=message) if late else reply)
        return found

    def set_run(self, run: Any) -> None:
        """Do nothing: there is no run of a deployment."""

    @property
    def run(self) -> Any:
        """There is none."""
        raise NotImplementedError

    def create_message(self, content: RecordDict, message_type: str, dst_node_id: int, group_id: str,
                       ttl: float | None = None) -> Message:
        """Return a message."""
        return Message(content, dst_node_id, message_type, group_id=group_id, ttl=ttl)

    def push_messages(self, messages: Iterable[Message]) -> Iterable[str]:
        """Refuse: strategies send and receive at once."""
        raise NotImplementedError

    def pull_messages(self, message_ids: Iterable[str]) -> Iterable[Message]:
        """Refuse: strategies send and receive at once."""
        raise NotImplementedError


@contextmanager
def as_a_task() -> Iterator[None]:
    """Have this process send messages, which Flower lets only a task of a run do."""
    names = ("_task_id", "_run_id", "_node_id")
    before = [getattr(TaskIdentity, name) for name in names]
    TaskIdentity.task_id = TaskIdentity.run_id = TaskIdentity.node_id = 1
    try:
        yield
    finally:
        for name, value in zip(names, before):
            setattr(TaskIdentity, name, value)
