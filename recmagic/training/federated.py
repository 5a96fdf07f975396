"""A federated training followed from its server: what is told of each round, and whose weights are kept."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from numpy.typing import NDArray

from recmagic import backends
from recmagic.compiler.guarantee import Guarantee
from recmagic.compiler.program import Program
from recmagic.errors import TrainingError
from recmagic.training.clients import Clients, Learned, Work
from recmagic.training.events import (
    Compiled,
    EpochEnded,
    Listener,
    PrivacySpent,
    Progress,
    Reason,
    Round,
    RunEnded,
    RunStarted,
)
from recmagic.training.footprint import check_size, footprint
from recmagic.training.private import Ask
from recmagic.training.remedies import OutOfMemory, not_a_number, told_out_of_memory
from recmagic.training.validation import validation, watched

if TYPE_CHECKING:
    from recmagic.training.train import Plan

Numbers = NDArray[Any]
NO_NUMBERS = "numbers that are none"
MISSING = ("dropped out", "too late", "no answer in time")


class Together(Protocol):
    """How clients are to learn together: `federated.Federated` is one."""

    @property
    def clients(self) -> int | None:
        """How many, None: each user is one."""

    @property
    def rounds(self) -> int:
        """How often they are asked."""

    @property
    def fraction(self) -> float:
        """The share of them that is asked in a round."""

    @property
    def epochs(self) -> int:
        """Passes over its examples that a client makes in a round."""

    @property
    def steps(self) -> int | None:
        """Steps instead."""

    @property
    def near(self) -> float:
        """How strongly a client is held near to what it was sent."""

    @property
    def unit(self) -> str:
        """What noise protects."""

    def chance(self) -> float:
        """Return how probable it is that a client is in a round, where nobody knows who is."""

    def check(self, program: Any, private: bool) -> None:
        """Refuse a program that cannot be trained so; TrainingError."""

    @property
    def server(self) -> str | None:
        """The address of a deployment that this is one client of; None: all clients are here."""

    def join(self, site: Any, go_on: Callable[[], bool]) -> None:
        """Answer what its server asks this site."""

    def run(self, site: Any, count: int, shared: dict[str, Numbers], server: Any, seed: int,
            asked: Guarantee | None) -> None:
        """Run the rounds until the server wants no more."""


class Rounds:
    """The server's side of a run. `reason` says why it ended; the weights of the best round are kept, of a private run
    the last."""

    def __init__(self, clients: Clients, together: Together, measure: Any, higher: bool, patience: int | None,
                 tell: Listener, stop: Any) -> None:
        self.clients, self.together, self.measure, self.higher = clients, together, measure, higher
        self.patience, self.tell, self.stop = patience, tell, stop
        self.reason: Reason = "finished"
        self.number, self.rounds = 0, together.rounds
        self.best: tuple[float, int, list[Numbers]] | None = None
        self.promised: Guarantee | None = None
        self.ask: Ask | None = None
        self._asked, self._done, self._began = 0, 0, 0.0
        self._loss = self._examples = 0.0

    def promise(self, ask: Ask) -> None:
        """Take in how private the run is to be: a round is a step, a client a unit; TrainingError where that cannot
        be."""
        whole = ask.guarantee(len(self.clients.clients), self.together.chance(), 1, self.rounds)
        self.ask, self.promised, self.rounds = ask, replace(whole, unit=self.together.unit, rows=0), whole.steps

    def run(self, seed: int) -> None:
        """Run the rounds, and leave the model with the weights that are kept."""
        began = time.perf_counter()
        try:
            with told_out_of_memory():
                self.together.run(self, len(self.clients.clients), self.clients.shared(), self, seed, self.promised)
            if self.number < self.together.rounds and self.reason == "finished":
                self.reason = "spent"
        except (KeyboardInterrupt, _Stopped):
            self.reason = "interrupted"
        except TrainingError as error:
            self.reason = "memory" if isinstance(error, OutOfMemory) else "nan"
            raise
        finally:
            self.clients.restore(None if self.best is None else self.best[2])
            self._spent()
            best = None if self.best is None else self.best[1]
            self.tell(RunEnded(self.reason, self.number, best, time.perf_counter() - began))

    def own(self, client: int) -> list[Numbers]:
        """Return the rows that a client starts from."""
        return self.clients.own(client)

    def learn(self, client: int, said: dict[str, Any], shared: dict[str, Numbers], own: list[Numbers]) -> Learned:
        """Have a client learn, and tell of it."""
        number = int(said["server-round"])
        if self.stop is not None and self.stop.is_set():
            raise _Stopped
        compiled, began = self.clients.runner.compile_seconds, time.perf_counter()
        found = self.clients.learn(client, number, shared, own)
        seconds = max(time.perf_counter() - began, 1e-6)
        if self.clients.runner.compile_seconds > compiled:
            self.tell(Compiled(self.clients.runner.compile_seconds - compiled))
        self._done += 1
        self._loss += found.loss * found.examples
        self._examples += found.examples
        self.tell(Progress(number, self._done, self._asked, found.loss, found.examples / seconds))
        return found

    def asks(self, number: int, clients: int) -> None:
        """Take note that a round begins."""
        self._asked, self._done, self._began = clients, 0, time.perf_counter()
        self._loss = self._examples = 0.0

    def after(self, number: int, shared: dict[str, Numbers], own: dict[int, list[Numbers]], heard: Any) -> bool:
        """Judge the weights after a round; return whether another is wanted."""
        self._check(number, heard)
        self.number, self._done = number, 0
        self.clients.show(shared, own)
        metrics, loss = self.measure(), self._loss / self._examples if self._examples else math.nan
        value = next(iter(metrics.values()), math.nan)
        better = self.promised is None and math.isfinite(value) and (
            self.best is None or (value > self.best[0] if self.higher else value < self.best[0]))
        if better:
            self.best = value, number, self.clients.values()
        self._spent()
        told = Round(heard.asked, heard.done, heard.up, heard.down, dict(heard.failed))
        self.tell(EpochEnded(number, loss, metrics, time.perf_counter() - self._began, better, told))
        if self.stop is not None and self.stop.is_set():
            raise _Stopped
        if self.patience and self.best is not None and number - self.best[1] >= self.patience:
            self.reason = "patience"
            return False
        return number < self.rounds

    def _check(self, number: int, heard: Any) -> None:
        """TrainingError where clients have answered, and none of it counts."""
        answers = {why: count for why, count in heard.failed.items() if why not in MISSING}
        if heard.done or not answers:
            return
        if set(answers) == {NO_NUMBERS}:
            raise not_a_number("What the clients sent", f"in round {number}")
        told = "; ".join(f"{count:,} {why}" for why, count in answers.items())
        raise TrainingError(f"No client's answer counts in round {number}: {told}.",
                            "Look at what its clients run: the same cell over the same items.")

    def _spent(self) -> None:
        if self.ask is not None and self.promised is not None:
            # A round that was stopped halfway has given no weights; but what clients noise themselves, they have sent.
            halfway = self.promised.unit == "answers" and self._done > 0
            self.tell(PrivacySpent(self.ask.after(self.promised, min(self.number + halfway, self.promised.steps))))


class _Stopped(Exception):
    """A stop was asked for."""


def follow(program: Program, name: str, plan: Plan, tell: Listener, draw: Callable[[], None]) -> None:
    """Train a program's weights by clients, telling of it; `draw` sets them to where they start.

    TrainingError where it cannot start, or where no client gives numbers any more.
    """
    together = plan.federated
    assert together is not None
    seed = program.seed if plan.seed is None else plan.seed
    clients = Clients(program, together.clients, plan.batch, Work(together.epochs, together.steps, together.near), seed)
    count, label, device = len(clients.clients), watched(program), backends.current().device()
    measure = validation(program, backends.current())
    rounds = Rounds(clients, together, measure, label[1], plan.patience, tell, plan.stop)
    if plan.private is not None:
        rounds.promise(plan.private)
    examples = clients.clients[0].examples
    needs = footprint(program, clients.arrays, examples)
    check_size(program, examples, needs, device.memory)
    draw()
    asked = max(1, round(together.fraction * count))
    total = sum(each.examples.example_count for each in clients.clients)
    tell(RunStarted(name, device.text, seed, together.rounds, clients.batch, asked, total, program.parameters, label[0],
                    needs, device.memory, True, count))
    program.as_drawn = False
    rounds.run(seed)
