"""The Flower app that the server of a deployment runs, and nodes with it: a few lines that lead here."""

from __future__ import annotations

from pathlib import Path

PROJECT = """[project]
name = "recmagic-federated"
version = "0.1.0"
description = "Training a recommender by clients that keep their data"
license = "MIT"
dependencies = []

[tool.flwr.app]
publisher = "recmagic"

[tool.flwr.app.components]
serverapp = "federation.server:app"
clientapp = "federation.client:app"

[tool.flwr.app.config]
clients = 2        # so many are waited for
rounds = 50
timeout = 120      # seconds that a round waits for answers
strategy = "fedavg"
mu = 0.1           # of fedprox
rate = 0.01        # of fedadam
epochs = 1         # passes that a client makes in a round
steps = 0          # or steps instead
"""
# Flower looks for an assignment in the file, before it imports anything.
SERVER = "from recmagic.federated import server\n\napp = server.app\n"
CLIENT = "from recmagic.federated import node\n\napp = node.app\n"


def write_app(folder: str | Path) -> Path:
    """Write the app to a folder, for `flwr run FOLDER SUPERLINK --stream --run-config "rounds=20 clients=8"`.

    Whoever then says `%rectrain NAME --federated server=host:port` in a notebook takes part, with the same cell over
    the same items. SuperLink and notebooks need `recmagic[federated]`; no data and no cell is in the app.
    """
    path = Path(folder)
    (path / "federation").mkdir(parents=True, exist_ok=True)
    (path / "pyproject.toml").write_text(PROJECT)
    (path / "federation" / "__init__.py").write_text("")
    (path / "federation" / "server.py").write_text(SERVER)
    (path / "federation" / "client.py").write_text(CLIENT)
    return path
