"""What comes back in a round: bytes and answers are counted, and what is no answer is left out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from flwr.app import Message, RecordDict
from flwr.serverapp import Grid

from recmagic.federated.client import SENT, TOLD, by_name


@dataclass
class Heard:
    """A round so far: how many clients were asked, how many answered well, bytes of weights sent up and down, and how
    many there were of each kind of failure."""

    asked: int = 0
    done: int = 0
    up: int = 0
    down: int = 0
    failed: dict[str, int] | None = None


class Listening(Grid):
    """A grid whose replies fit what was sent: the same arrays of the same shapes, of finite numbers, and a weight."""

    def __init__(self, grid: Grid, moved: bool = False) -> None:
        self.grid, self.moved, self.heard = grid, moved, Heard(failed={})

    def open(self) -> None:
        """Begin a round."""
        self.heard = Heard(failed={})

    def send_and_receive(self, messages: Iterable[Message], *, timeout: float | None = None) -> Iterable[Message]:
        """Return the replies that are answers; failures are noted. With `moved` those that change nothing are left out:
        Flower cuts an update by dividing by its length."""
        sent = list(messages)
        if not sent:
            return []
        wanted, heard, good = by_name(sent[0]), self.heard, []
        heard.asked += len(sent)
        heard.down += len(sent) * size(sent[0].content)
        replies = list(self.grid.send_and_receive(sent, timeout=timeout))
        for reply in replies:
            wrong = reply.error.reason if reply.has_error() else _wrong(reply.content, wanted)
            if wrong:
                self._failed(wrong.strip().splitlines()[-1].partition(" — ")[0])  # Flower explains behind a dash
                continue
            heard.done += 1
            heard.up += size(reply.content)
            if not self.moved or any((each != wanted[name]).any() for name, each in by_name(reply).items()):
                good.append(reply)
        for _ in range(len(sent) - len(replies)):
            self._failed("no answer in time")
        return good

    def _failed(self, why: str) -> None:
        assert self.heard.failed is not None
        self.heard.failed[why] = self.heard.failed.get(why, 0) + 1

    def get_node_ids(self) -> Iterable[int]:
        """Return who may be asked."""
        return self.grid.get_node_ids()

    def set_run(self, run: Any) -> None:
        """Hand on."""
        self.grid.set_run(run)

    @property
    def run(self) -> Any:
        """The run of a deployment."""
        return self.grid.run

    def create_message(self, content: RecordDict, message_type: str, dst_node_id: int, group_id: str,
                       ttl: float | None = None) -> Message:
        """Hand on."""
        return self.grid.create_message(content, message_type, dst_node_id, group_id, ttl)

    def push_messages(self, messages: Iterable[Message]) -> Iterable[str]:
        """Hand on."""
        return self.grid.push_messages(messages)

    def pull_messages(self, message_ids: Iterable[str]) -> Iterable[Message]:
        """Hand on."""
        return self.grid.pull_messages(message_ids)


def size(content: RecordDict) -> int:
    """Return how many bytes the arrays in a message take."""
    return sum(len(array.data) for record in content.array_records.values() for array in record.values())


def _wrong(content: RecordDict, wanted: dict[str, Any]) -> str:
    """Return why a reply is no answer to what was sent, "" if it is one."""
    if set(content) != {SENT, TOLD} or set(content.array_records) != {SENT} or set(content.metric_records) != {TOLD}:
        return "an answer of another form"
    told = content[TOLD]
    if set(told) != {"loss", "weight"} or not all(type(each) in (int, float) for each in told.values()):
        return "an answer of another form"
    if set(content[SENT]) != set(wanted):
        return "other weights than were asked for"
    try:
        found = {name: each.numpy() for name, each in content[SENT].items()}
    except Exception:  # whatever stands in bytes that somebody else has sent
        return "weights that cannot be read"
    if any(found[name].shape != each.shape or found[name].dtype != each.dtype for name, each in wanted.items()):
        return "weights of other shapes"
    numbers = [*found.values(), np.asarray([told["loss"], told["weight"]], np.float64)]
    if not all(np.isfinite(each).all() for each in numbers) or told["weight"] <= 0:
        return "numbers that are none"
    return ""
