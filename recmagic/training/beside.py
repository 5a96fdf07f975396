"""What does not go with a private training, or with one by clients, each with the reason."""

from __future__ import annotations

from typing import Any

from recmagic.errors import TrainingError

PRIVATELY = {
    "resume": "A run that goes on spends the budget that it began with.",
    "memory": "Units are drawn from all of the data, so it is not read in shards.",
    "callbacks": "What a callback sees of losses and metrics has no noise, and it may change the training.",
    "checkpoint": "A checkpoint would hold the state of the noise, by which it can be taken off again.",
    "precision": "Gradients are cut and get their noise with 32 bits.",
}
BY_CLIENTS = {
    "epochs": "Clients are asked for so many rounds: --federated rounds=50; epochs=2 there is what each does in one.",
    "resume": "A run by clients does not go on: their rows went when it ended.",
    "memory": "Each client has its own rows only, so they are not read in shards.",
    "callbacks": "A callback would have to be at every client.",
    "checkpoint": "A run by clients is not kept on disk.",
    "precision": "Weights are sent and put together with 32 bits.",
}


def refuse_beside(reasons: dict[str, str], **given: Any) -> None:
    """Raise TrainingError at the first thing that is given beside what it does not go with."""
    otherwise = "without clients" if reasons is BY_CLIENTS else "without privacy"
    for name, value in given.items():
        if value:
            raise TrainingError(reasons[name], f"Leave out {name}, or train {otherwise}.")
