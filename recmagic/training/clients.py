"""The clients of a federated training: each learns from its own users' rows, all of them by one compiled model."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from keras import ops
from numpy.typing import NDArray

from recmagic import backends
from recmagic.compiler.own_rows import OwnRows
from recmagic.compiler.program import Program
from recmagic.training.examples import batch_size, sampler, training_arrays
from recmagic.training.near import Near
from recmagic.training.objective import Objective
from recmagic.training.sampler import Sampler
from recmagic.training.slicing import slices

LARGEST_BATCH = 1024
STEPS_AT_ONCE = 32  # of a client, whose batches are drawn together

Numbers = NDArray[Any]


@dataclass(frozen=True)
class Client:
    """Some users (U,) by their rows in the tables of users, and the examples that are theirs."""

    users: NDArray[np.int32]
    examples: Sampler


@dataclass(frozen=True)
class Work:
    """What a client does with what it is sent: so many passes over its examples, or so many steps (None: passes).

    `mu` weighs how far it may go from the shared weights that it was sent (FedProx: Li et al. 2020, Federated
    optimization in heterogeneous networks): mu / 2 times the square of the distance is added to the loss.
    """

    epochs: int = 1
    steps: int | None = None
    mu: float = 0.0


@dataclass(frozen=True)
class Learned:
    """What a client has learned: shared weights by name, its own users' rows, the mean loss, how many examples."""

    shared: dict[str, Numbers]
    own: list[Numbers]
    loss: float
    examples: int


class Clients:
    """The users of a program with something to learn from, dealt to so many clients (None: each is one).

    Weights are swapped in and out of one runner. Each client starts its optimizer afresh each time, and takes batches
    of the same size, in which its examples come round more than once where they are few.
    """

    def __init__(self, program: Program, count: int | None, batch: int | str | None, work: Work, seed: int) -> None:
        self.program, self.work, self.seed = program, work, seed
        cut, learning = program.cut, program.learning
        arrays = training_arrays(cut, learning, program.data)
        self.parts = OwnRows(program)
        self.clients = _dealt(sampler(cut, learning, program.data, arrays, 1), count, seed)
        sizes = [each.examples.example_count for each in self.clients]
        self.batch = batch_size(batch, max(sizes), cut.every_step) if batch is not None else _usual(sizes)
        for each in self.clients:
            each.examples.batch = self.batch
        objective = Objective(cut, learning)
        self.near: list[int] = []
        if work.mu:
            self.near = [place for place in range(len(cut.trainable_variables)) if place not in self.parts.tables]
            objective = Near(cut, learning, {place: cut.trainable_variables[place] for place in self.near})
            arrays |= {f"near/{place}": np.zeros(cut.trainable_variables[place].shape, np.float32)
                       for place in self.near} | {"near/mu": np.asarray(work.mu, np.float32)}
        sliced = slices(program, objective, self.clients[0].examples)
        self.runner = backends.current().runner(objective, cut, program.make_optimizer, [], sliced)
        self.arrays, self.placed = arrays, backends.current().place(arrays)
        self.start: list[Numbers] = []

    def shared(self) -> dict[str, Numbers]:
        """Return the shared weights as they stand in the model."""
        return self.parts.shared(self.values())

    def own(self, client: int) -> list[Numbers]:
        """Return a client's own rows as they stand in the model."""
        return self.parts.own(self.values(), self.rows(client))

    def show(self, shared: dict[str, Numbers], own: dict[int, list[Numbers]]) -> None:
        """Have the model hold the shared weights, and the own rows of some clients."""
        before = self.start[: len(self._variables())] or self.values()
        values = self.parts.put(before, shared, [], np.zeros(0, np.int32))
        for client, each in own.items():
            for place, rows in zip(self.parts.tables, each):
                values[place][self.rows(client)] = rows
        for variable, value in zip(self._variables(), values):
            variable.assign(value)
        self.runner.begin(self.placed)
        self.start = self.runner.state()

    def learn(self, client: int, number: int, shared: dict[str, Numbers], own: list[Numbers]) -> Learned:
        """Return what a client learns in the round of that number; its own rows are those that it was left with."""
        if not self.start:
            self.show(self.shared(), {})
        examples, rows, weights = self.clients[client].examples, self.rows(client), len(self._variables())
        values = self.parts.put(self.start[:weights], shared, own, rows)
        self.runner.restore([*values, *self.start[weights:]])
        if self.near:
            self.runner.exchange({f"near/{place}": values[place] for place in self.near})
        steps = self.work.steps or -(-self.work.epochs * examples.example_count // self.batch)
        rng = np.random.default_rng([self.seed, number, client])
        losses = []
        for block in examples.turns(rng, steps, min(STEPS_AT_ONCE, self._most_steps())):
            found = self.runner.run(self.runner.place(block.batches), 0, block.steps)
            losses.append(ops.convert_to_numpy(found)[: block.steps])
        after = self.runner.state()
        for place in self.parts.seeds:  # random numbers go on from one client to the next
            self.start[place] = after[place]
        return Learned(self.parts.shared(after), self.parts.own(after, rows),
                       float(np.concatenate(losses).mean(dtype=np.float64)), examples.example_count)

    def _most_steps(self) -> int:
        most = max(each.examples.example_count for each in self.clients)
        return self.work.steps or -(-self.work.epochs * most // self.batch)

    def rows(self, client: int) -> NDArray[np.int32]:
        """Return where a client's users stand in the tables that their ids look up."""
        users = self.clients[client].users
        column = self.program.cut.tables.get("user/user_id")
        return users if column is None else column.values[users]

    def values(self) -> list[Numbers]:
        """Return copies of all weights as the model holds them."""
        return [np.array(ops.convert_to_numpy(each.value)) for each in self._variables()]

    def restore(self, values: list[Numbers] | None) -> None:
        """End: have the model hold these weights, by default those that were shown last."""
        kept = values or self.start[: len(self._variables())]
        for variable, value in zip(self._variables(), kept):
            variable.assign(value)
        self.runner.end()

    def _variables(self) -> list[Any]:
        cut = self.program.cut
        return [*cut.trainable_variables, *cut.non_trainable_variables]


def _dealt(plain: Sampler, count: int | None, seed: int) -> list[Client]:
    """Return the clients: users at random and as evenly as can be, in the order of their rows."""
    users, whose = np.unique(plain.users, return_inverse=True)
    if count is None or count >= len(users):
        parts = np.arange(len(users))
    else:
        parts = np.random.default_rng([seed, len(users)]).permutation(len(users)) % count
    order, sizes = np.argsort(parts[whose], kind="stable"), np.bincount(parts[whose])
    found = []
    for chosen in np.split(order, np.cumsum(sizes)[:-1]):
        items = None if plain.items is None else plain.items[chosen]
        examples = replace(plain, examples=plain.examples[chosen], users=plain.users[chosen], items=items)
        found.append(Client(np.unique(plain.users[chosen]).astype(np.int32), examples))
    return found


def _usual(sizes: list[int]) -> int:
    """Return a power of two that is about the examples of a usual client."""
    return int(np.clip(2 ** round(np.log2(np.median(sizes))), 1, min(LARGEST_BATCH, max(sizes))))

