"""The server of a deployment: it asks whoever has joined, puts answers together, and says who has failed."""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

from flwr.app import ArrayRecord, ConfigRecord, Context, Message, RecordDict
from flwr.serverapp import Grid, ServerApp

from recmagic.federated.client import CONFIG, SENT
from recmagic.federated.listening import Listening
from recmagic.federated.strategies import strategy

app = ServerApp()
LOOK_SECONDS = 0.5


@app.main()
def main(grid: Grid, context: Context) -> None:
    """Run the rounds that the run's configuration asks for."""
    asked = dict(context.run_config)
    rounds, timeout = int(asked["rounds"]), float(asked["timeout"])
    while (count := len(list(grid.get_node_ids()))) < int(asked["clients"]):
        time.sleep(LOOK_SECONDS)
    mu = float(asked["mu"]) if asked["strategy"] == "fedprox" else 0.0
    work = {name: int(asked[name]) for name in ("epochs", "steps")}
    said = ConfigRecord({"rounds": rounds, "clients": count, "mu": mu, **work})
    start, listening = begin(grid, said, timeout), Listening(grid)

    def after(number: int, arrays: ArrayRecord) -> None:
        if number:
            heard = listening.heard
            failed = "".join(f"; {count} {why}" for why, count in (heard.failed or {}).items())
            print(f"Round {number}: {heard.done} of {heard.asked} clients{failed}", flush=True)
            for name in ("asked", "done", "up", "down"):
                said[name] = getattr(heard, name)
        listening.open()

    made = strategy(str(asked["strategy"]), float(asked["mu"]), float(asked["rate"]), 1.0, None)
    result = made.start(listening, start, num_rounds=rounds, timeout=timeout, train_config=said, evaluate_fn=after)
    end = RecordDict({SENT: result.arrays or start, CONFIG: said})
    told = asks(grid, "query.end", end, timeout)
    print(f"The weights of {rounds} rounds were taken by {len(told)} clients.", flush=True)


def begin(grid: Grid, said: ConfigRecord, timeout: float) -> ArrayRecord:
    """Return the shared weights to start from: those of a client, of the form that most clients have."""
    replies = asks(grid, "query.begin", RecordDict({CONFIG: said}), timeout)
    found = [each[SENT] for each in replies if set(each) == {SENT} and isinstance(each[SENT], ArrayRecord)]
    forms = [tuple((name, tuple(array.shape), array.dtype) for name, array in each.items()) for each in found]
    if not forms:
        raise RuntimeError("No client has told where to start: none has answered in time.")
    form, count = Counter(forms).most_common(1)[0]
    print(f"{count} of {len(forms)} clients have the same cell over the same items.", flush=True)
    return found[forms.index(form)]


def asks(grid: Grid, kind: str, content: RecordDict, timeout: float) -> list[RecordDict]:
    """Return what all who have joined answer in time."""
    messages = [Message(content, node, kind) for node in grid.get_node_ids()]
    replies: Any = grid.send_and_receive(messages, timeout=timeout)
    return [reply.content for reply in replies if reply.has_content()]


