"""A training that takes part in a deployment: its server says when to learn, and this is one client among others."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from recmagic import backends
from recmagic.compiler.own_rows import USER_ID
from recmagic.compiler.program import Program
from recmagic.errors import TrainingError
from recmagic.training.clients import Clients, Learned, Work
from recmagic.training.events import Compiled, EpochEnded, Listener, Progress, Reason, Round, RunEnded, RunStarted
from recmagic.training.footprint import check_size, footprint
from recmagic.training.remedies import told_out_of_memory
from recmagic.training.validation import validation, watched

if TYPE_CHECKING:
    from recmagic.training.train import Plan

Numbers = NDArray[Any]
Shared = dict[str, Numbers]


class Member:
    """One client, whose users are all of a program's: what its server asks of it, in `begin`, `learn` and `end`.

    A round is told when the next one begins, since only then is it known what all clients made of it.
    """

    def __init__(self, program: Program, name: str, plan: Plan, tell: Listener, draw: Callable[[], None]) -> None:
        self.program, self.name, self.plan, self.tell, self.draw = program, name, plan, tell, draw
        self.seed = program.seed if plan.seed is None else plan.seed
        self.measure = validation(program, backends.current())
        # Rows of tables of the same size may yet stand for other items, or other values of a column.
        meant = {name: column.vocabulary for name, column in sorted(program.cut.tables.items()) if name != USER_ID}
        self.mark = hashlib.sha256(repr(meant).encode()).hexdigest()[:12]
        self.clients: Clients | None = None
        self.number, self.loss, self.began, self.ended = 0, 0.0, 0.0, False

    def begin(self, said: dict[str, Any]) -> Shared:
        """Return the shared weights as this seed draws them; what each round is to be is said."""
        if self.clients is None:
            self.clients = self._made(said)
        return self._marked(self.clients.shared())

    def own(self, client: int) -> list[Numbers]:
        """Return the rows of its users as they start."""
        assert self.clients is not None
        return self.clients.own(0)

    def learn(self, client: int, said: dict[str, Any], shared: Shared, own: list[Numbers]) -> tuple[Any, ...]:
        """Learn from its users, and return what it has learned: shared weights, own rows, loss, examples."""
        self.begin(said)
        assert self.clients is not None
        number, weights, clients = int(said["server-round"]), self._read(shared), self.clients
        if self.number:
            self._told(said, weights, own)
        self.number, self.began, compiled = number, time.perf_counter(), clients.runner.compile_seconds
        found: Learned = clients.learn(0, number, weights, own)
        if clients.runner.compile_seconds > compiled:
            self.tell(Compiled(clients.runner.compile_seconds - compiled))
        self.loss = found.loss
        seconds = max(time.perf_counter() - self.began, 1e-6)
        self.tell(Progress(number, 1, 1, found.loss, found.examples / seconds))
        return self._marked(found.shared), found.own, found.loss, found.examples

    def end(self, said: dict[str, Any], shared: Shared, own: list[Numbers]) -> None:
        """Take the weights that all have made."""
        self.begin(said)
        self._told(said, self._read(shared), own)
        self.ended = True

    def close(self, reason: Reason, seconds: float) -> None:
        """End, however it ended."""
        if self.clients is not None:
            self.clients.restore(None)
            self.tell(RunEnded(reason, self.number, None, seconds))

    def _made(self, said: dict[str, Any]) -> Clients:
        work = Work(int(said["epochs"]), int(said["steps"]) or None, float(said["mu"]))
        clients, device = Clients(self.program, 1, self.plan.batch, work, self.seed), backends.current().device()
        examples = clients.clients[0].examples
        needs = footprint(self.program, clients.arrays, examples)
        check_size(self.program, examples, needs, device.memory)
        self.draw()
        self.tell(RunStarted(self.name, device.text, self.seed, int(said["rounds"]), clients.batch, 1,
                             examples.example_count, self.program.parameters, watched(self.program)[0], needs,
                             device.memory, True, int(said["clients"])))
        self.program.as_drawn = False
        return clients

    def _told(self, said: dict[str, Any], shared: Shared, own: list[Numbers]) -> None:
        """Take in what all have made of the round that is over, and tell of it."""
        assert self.clients is not None
        self.clients.show(shared, {0: own})
        asked, done, up, down = (int(said.get(name, 0)) for name in ("asked", "done", "up", "down"))
        self.tell(EpochEnded(max(self.number, 1), self.loss, self.measure(), time.perf_counter() - self.began, False,
                             Round(asked, done, up, down)))

    def _marked(self, shared: Shared) -> Shared:
        return {f"{self.mark} {name}": each for name, each in shared.items()}

    def _read(self, shared: Shared) -> Shared:
        """Return shared weights by their names here; TrainingError where they are another model's."""
        assert self.clients is not None
        wanted = self._marked(self.clients.shared())
        if {name: each.shape for name, each in shared.items()} != {name: each.shape for name, each in wanted.items()}:
            raise TrainingError("The others train another cell, or over other items.",
                                "Let all start from one file: %recload NAME FILE, then %recupdate NAME with own rows.")
        return {name.removeprefix(f"{self.mark} "): each for name, each in shared.items()}


def follow_server(program: Program, name: str, plan: Plan, tell: Listener, draw: Callable[[], None]) -> None:
    """Take part in a deployment with a program's users, until its server ends the training.

    TrainingError where no server answers, or where it trains something else.
    """
    assert plan.federated is not None
    member, began, reason = Member(program, name, plan, tell, draw), time.perf_counter(), "finished"
    try:
        with told_out_of_memory():
            plan.federated.join(member, lambda: plan.stop is None or not plan.stop.is_set())
        reason = "finished" if member.ended else "interrupted"
    except KeyboardInterrupt:
        reason = "interrupted"
    finally:
        member.close(reason, time.perf_counter() - began)  # type: ignore[arg-type]
