"""A process of the test of a deployment: a notebook that joins, or one that is late, or sends what is no answer.

python member.py PORT NUMBER good|late|garbage: prints what its history says at the end.
"""

import json
import sys
import time

import numpy as np
import pandas as pd

LATE_SECONDS = 600


def rows(number):
    """The pilot rows that everybody has, each item twice since two are held out, and those of three users of one's own.
    """
    random = np.random.default_rng(number)
    pilot = [(f"pilot {turn}", item) for turn in (1, -1) for item in list(range(16))[::turn]]
    own = [(f"user {number}.{user}", item) for user in range(3) for item in random.permutation(16)[:8]]
    events = pd.DataFrame([*pilot, *own], columns=["user_id", "item_id"])
    return events.assign(timestamp=np.arange(len(events)))


class Late:
    """A site that starts as others do, and then takes too long."""

    def begin(self, said):
        return {}

    def own(self, client):
        return []

    def learn(self, client, said, shared, own):
        time.sleep(LATE_SECONDS)

    def end(self, said, shared, own):
        pass


class Garbage(Late):
    """A site that answers with numbers that are none."""

    def learn(self, client, said, shared, own):
        return {name: each * np.nan for name, each in shared.items()}, [], 0.5, 10**9


def main(port, number, kind):
    server = f"127.0.0.1:{port}"
    if kind == "good":
        from recmagic import Dataset, Model
        from recmagic.federated import Federated

        data = Dataset.load(rows(number), split="last")
        cell = "score = embedding(user_id, 4) @ embedding(item_id, 4)\nloss = BPR()\nnegatives = uniform(2)\n"
        model = Model.read(cell + "optimizer = Adam(0.05)", data)
        history = model.train(federated=Federated(server=server))
        items = next(each for each in model.program.cut.variables if each.shape[0] == 17)
        print(json.dumps({"reason": history.reason, "epochs": history.epochs, "clients": history.clients,
                          "items": np.asarray(items.numpy()).tolist()}))
    else:
        from recmagic.federated.joining import join

        join(server, None, {"late": Late, "garbage": Garbage}[kind](), lambda: True)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
