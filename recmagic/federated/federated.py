"""What a user asks for: how many clients, for how many rounds, by which strategy, and what goes wrong on the way."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from recmagic.compiler.blend import Blend
from recmagic.compiler.guarantee import Guarantee
from recmagic.compiler.program import Program
from recmagic.compiler.solved import Solved
from recmagic.errors import TrainingError, did_you_mean
from recmagic.federated.flower import find_flower, quietly
from recmagic.federated.refusals import refuse

if TYPE_CHECKING:
    from recmagic.federated.client import Arrays, Site

STRATEGIES, NOISES = ("fedavg", "fedprox", "fedadam"), ("central", "local")
SHARES = ("fraction", "dropouts", "stragglers")
OF_STRATEGIES = {"mu": "fedprox", "rate": "fedadam"}


class Server(Protocol):
    """Follows a run: it is told who is asked, and what a round has given."""

    def asks(self, number: int, clients: int) -> None:
        """Take note that a round begins in which so many clients are asked."""

    def after(self, number: int, shared: Arrays, own: dict[int, list[Any]], heard: Any) -> bool:
        """Take in the shared weights, the own rows of clients that have learned, and how the round went; return
        whether another is wanted."""


@dataclass(frozen=True)
class Federated:
    """Training by clients that keep their data, on Flower (McMahan et al. 2017, Communication-efficient learning of
    deep networks from decentralized data), all of them simulated in this process, or this one among others elsewhere.

    clients: how many the users are dealt to; None, or as many as there are users: each user is one.
    rounds: how often the clients are sent the shared weights, and their answers are put together.
    strategy: "fedavg"; "fedprox", which holds clients near to what they were sent by `mu`; or "fedadam", whose server
    goes by Adam with the learning rate `rate` (Reddi et al. 2021, Adaptive federated optimization).
    fraction: the share of clients that are asked in a round, drawn by the run's seed.
    epochs, steps: how many passes over its examples a client makes in a round, or how many steps instead.
    dropouts, stragglers: shares of those asked who do not learn, and who learn but answer too late.
    noise: where a private run's noise is added, "central" by the server or "local" by each client.
    server: the host:port of a Flower SuperLink that runs the app of `write_app`: all users of this data are one client
    of its, and it decides everything else. certificates: a file with its root certificates, where they are not known
    to this machine; only to this machine itself weights go without TLS.

    Rows that only a user's id looks up stay with the user's client; all other weights are sent to and fro.
    Raises TrainingError at a value that makes no sense.
    """

    clients: int | None = None
    rounds: int = 50
    strategy: str = "fedavg"
    fraction: float = 1.0
    epochs: int = 1
    steps: int | None = None
    dropouts: float = 0.0
    stragglers: float = 0.0
    mu: float = 0.1
    rate: float = 0.01
    noise: str = "central"
    server: str | None = None
    certificates: str | None = None

    def __post_init__(self) -> None:
        for name, known in (("strategy", STRATEGIES), ("noise", NOISES)):
            value = getattr(self, name)
            if value not in known:
                raise TrainingError(f"There is no {name} '{value}'.",
                                    did_you_mean(str(value), known) or f"Write {name}= one of {', '.join(known)}.")
        for name in ("clients", "rounds", "epochs", "steps"):
            value = getattr(self, name)
            left_open = value is None and name in ("clients", "steps")
            if not left_open and (type(value) is not int or value < 1):
                raise TrainingError(f"{name} is a whole number from 1 up, not {value!r}.", f"Write {name}=10.")
        for name in (*SHARES, "mu", "rate"):
            value = getattr(self, name)
            if not isinstance(value, (int, float)) or isinstance(value, bool) or not 0 <= value < float("inf"):
                raise TrainingError(f"{name} is a number from 0 up, not {value!r}.", f"Write {name}=0.1.")
        for name, of in OF_STRATEGIES.items():
            if self.strategy != of and getattr(self, name) != type(self).__dataclass_fields__[name].default:
                raise TrainingError(f"{name} is {of}'s, and the strategy is {self.strategy}.",
                                    f"Write strategy={of}, or leave {name} out.")
        self._check_server()
        if not (0 < self.fraction <= 1 and self.dropouts + self.stragglers < 1):
            raise TrainingError("fraction is a share above 0, and dropouts and stragglers are less than 1 together.",
                                "Write fraction=0.5 dropouts=0.1 stragglers=0.1.")

    def _check_server(self) -> None:
        """Refuse what the server decides, and what is no address."""
        given = [each.name for each in fields(self) if getattr(self, each.name) != each.default
                 and each.name not in ("server", "certificates")]
        if self.server is None:
            if self.certificates is not None:
                raise TrainingError("certificates are a server's, and there is none.", "Write server=host:port too.")
            return
        if given:
            raise TrainingError(f"The server decides about {given[0]}.", f"Leave {given[0]} out beside server=.")
        host, _, port = self.server.rpartition(":")
        if not host or not port.isdigit():
            raise TrainingError(f"'{self.server}' is no address of a server.", "Write server=host:port, as in "
                                "server=127.0.0.1:8000.")

    @property
    def near(self) -> float:
        """How strongly a client is held near to what it was sent."""
        return self.mu if self.strategy == "fedprox" else 0.0

    @property
    def unit(self) -> str:
        """What noise protects: a client's part in the weights, or all that a client sends."""
        return "client" if self.noise == "central" else "answers"

    def chance(self) -> float:
        """Return how probable it is that a client is in a round, where nobody knows who is: a server that adds no noise
        itself sees who answers."""
        return self.fraction if self.noise == "central" else 1.0

    def check(self, program: Program | Solved | Blend, private: bool) -> None:
        """Refuse a model that cannot be trained so, or noise that would not hold; TrainingError."""
        refuse(program)
        if self.noise == "local" and not private:
            raise TrainingError("noise=local says where a private run's noise is added, and this one has none.",
                                "Write --private epsilon=8 beside it, or leave noise out.")
        if private and self.server is not None:
            raise TrainingError("How many clients there are, and whether they are sampled, is not known before a "
                                "server has been joined, so there is no noise that suits.",
                                "Leave out --private, or simulate the clients here: clients=200.")
        if private and self.strategy == "fedadam" and self.noise == "central":
            raise TrainingError("fedadam divides updates by their own size, so there is no noise that suits all of "
                                "them.", "Write strategy=fedavg, or noise=local.")
        find_flower()

    def run(self, site: Site, count: int, shared: Arrays, server: Server, seed: int, asked: Guarantee | None) -> None:
        """Run the rounds over so many clients of a site, from these shared weights, until the server wants no more."""
        from recmagic.federated.client import OWN, by_names, client_app, to_record
        from recmagic.federated.grid import LocalGrid, as_a_task
        from recmagic.federated.listening import Listening
        from recmagic.federated.strategies import local_noise, strategy

        central = asked if self.noise == "central" else None
        mods = local_noise(asked) if asked is not None and central is None else []
        app = client_app(lambda context: site, asked is not None, mods)
        choose = self._chooser(count, seed, central is not None)
        local = LocalGrid(app, count, choose, self.dropouts, self.stragglers, seed)
        grid = Listening(local, moved=asked is not None)

        def after(number: int, arrays: Any) -> None:
            if number:
                own = {client: context.state[OWN].to_numpy_ndarrays() for client, context in enumerate(local.contexts)
                       if OWN in context.state}
                if not server.after(number, by_names(arrays), own, grid.heard):
                    raise _Enough
            if number < self.rounds:
                local.open(number + 1)
                grid.open()
                server.asks(number + 1, len(local.nodes))

        with quietly(), as_a_task():
            made = strategy(self.strategy, self.mu, self.rate, self.fraction * count, central)
            with suppress(_Enough):
                made.start(grid, to_record(shared), num_rounds=self.rounds, evaluate_fn=after)

    def join(self, site: Any, go_on: Callable[[], bool]) -> None:
        """Answer what the server asks this site, until it ends or `go_on` says no; TrainingError where none answers."""
        from recmagic.federated.joining import join

        assert self.server is not None
        join(self.server, self.certificates, site, go_on)

    def _chooser(self, count: int, seed: int, private: bool) -> Callable[[int], list[int]]:
        """Return what chooses the clients of a round: a fixed number, or in a private run each by itself."""
        rng = np.random.default_rng(None if private else [seed, count])
        if private:
            return lambda number: [int(each) for each in np.flatnonzero(rng.random(count) < self.fraction)]
        size = max(1, round(self.fraction * count))
        return lambda number: sorted(int(each) for each in rng.choice(count, size, replace=False))


class _Enough(Exception):
    """The server wants no more rounds."""
