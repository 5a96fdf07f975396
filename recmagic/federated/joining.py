"""Joining a Flower deployment: a SuperNode is started beside the notebook, and what it is sent is learned here."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import AuthenticationError
from multiprocessing.connection import Connection, Listener
from pathlib import Path
from queue import Empty, Queue
from tempfile import TemporaryDirectory
from threading import Thread

from recmagic.errors import TrainingError
from recmagic.federated.client import Site
from recmagic.federated.node import KEY, SOCKET

LOOK_SECONDS = 0.2  # between looks at whether a stop is asked for
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


def join(server: str, certificates: str | None, site: Site, go_on: Callable[[], bool]) -> None:
    """Answer what the server of a deployment asks this site, until it ends, or `go_on` says no.

    TrainingError where no server answers. Weights go through TLS, except on this machine itself.
    """
    with TemporaryDirectory(prefix="recmagic-") as folder, _listening(Path(folder)) as calls:
        log = Path(folder) / "node.log"
        with _node(server, certificates, Path(folder), log) as node:
            while go_on():
                try:
                    connection = calls.get(timeout=LOOK_SECONDS)
                except Empty:
                    if node.poll() is not None:
                        raise TrainingError(f"No Flower server answers at {server}: {_last_line(log)}",
                                            "Start flower-superlink there, and give its host and port.") from None
                    continue
                with connection:
                    if _answered(connection, site):
                        return


def _answered(connection: Connection, site: Site) -> bool:
    """Answer one call; return whether it was the last."""
    what, *given = connection.recv()
    try:
        answer = getattr(site, what)(*given)
    except TrainingError as error:  # the server is told, and asks others; here it ends the run
        connection.send((False, error.message))
        raise
    connection.send((True, tuple(answer) if what == "learn" else answer))
    return bool(what == "end")


@contextmanager
def _listening(folder: Path) -> Iterator[Queue[Connection]]:
    """Yield a queue of the calls that come to a socket in a folder, from whoever can read the key beside it."""
    key, calls = secrets.token_bytes(32), Queue[Connection]()
    (folder / KEY).touch(mode=0o600)
    (folder / KEY).write_bytes(key)
    with Listener(str(folder / SOCKET), "AF_UNIX", authkey=key) as listener:
        def take() -> None:
            while True:
                try:
                    calls.put(listener.accept())
                except (AuthenticationError, EOFError, ConnectionError):
                    continue
                except OSError:
                    return  # closed

        Thread(target=take, daemon=True).start()
        yield calls


@contextmanager
def _node(server: str, certificates: str | None, folder: Path, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a SuperNode that knows where we listen."""
    here = Path(sys.executable).parent
    if certificates is not None:
        secure = ["--root-certificates", certificates]
    else:
        secure = ["--insecure"] if server.rpartition(":")[0] in LOOPBACK else []
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(here / "flower-supernode"), *secure, "--superlink", server, "--port", str(port),
               "--max-retries", "3", "--node-config", f'place="{folder}"']
    environment = {**os.environ, "PATH": f"{here}{os.pathsep}{os.environ.get('PATH', '')}", "FLWR_HOME": str(folder)}
    with log.open("wb") as told:
        node = subprocess.Popen(command, stdout=told, stderr=subprocess.STDOUT, env=environment)
        try:
            yield node
        finally:
            node.terminate()
            with suppress(subprocess.TimeoutExpired):
                node.wait(10)
            node.kill()


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines()
    return lines[-1].strip() if lines else "the node ended at once."
