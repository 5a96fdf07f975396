"""The app on a node of a deployment: it hands each message to the notebook that has joined by this node.

Flower starts a process for each message. This one imports no Keras: the notebook has its model compiled.
"""

from __future__ import annotations

from multiprocessing.connection import Client
from pathlib import Path
from typing import Any

from flwr.app import Context

from recmagic.federated.client import Answer, Arrays, Numbers, Site, client_app

SOCKET, KEY = "socket", "key"  # in a folder that only the user can read


class Notebook:
    """A site in another process on this machine, found by the folder where it listens."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def begin(self, said: dict[str, Any]) -> Arrays:
        """Return the shared weights that a training may start from."""
        return dict(self._asked("begin", said))

    def own(self, client: int) -> list[Numbers]:
        """Return the rows that its users start from."""
        return list(self._asked("own", client))

    def learn(self, client: int, said: dict[str, Any], shared: Arrays, own: list[Numbers]) -> Answer:
        """Return what it learns in a round."""
        return Answer(*self._asked("learn", client, said, shared, own))

    def end(self, said: dict[str, Any], shared: Arrays, own: list[Numbers]) -> None:
        """Hand over what all have learned."""
        self._asked("end", said, shared, own)

    def _asked(self, *what: Any) -> Any:
        with Client(str(self.place / SOCKET), "AF_UNIX", (self.place / KEY).read_bytes()) as connection:
            connection.send(what)
            good, answer = connection.recv()
        if not good:
            raise RuntimeError(answer)
        return answer


def _site(context: Context) -> Site:
    return Notebook(Path(str(context.node_config["place"])))


app = client_app(_site, False, [])
