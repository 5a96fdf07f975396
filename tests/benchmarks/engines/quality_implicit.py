"""How long BPR by `implicit` trains until its ndcg@10 on the test part of protocol B is .235.

python quality_implicit.py WORK EPOCHS [RATE PENALTY]     prints one line of JSON; measuring is not counted
"""

import time

import numpy as np
from implicit.cpu.bpr import BayesianPersonalizedRanking
from protocols import EPOCHS, GOALS, TRAIN, ndcg, read_split
from scipy.sparse import csr_matrix
from telling import asked, tell

# Nothing tried came past .175 (rates .005 to .1, penalties .003 to .05): its negatives are drawn by popularity.
RATE, PENALTY = 0.005, 0.01

work, _, more = asked()
rate, penalty = (float(each) for each in more) if more else (RATE, PENALTY)
split = read_split(work)
users, items = split.pairs(TRAIN)
shape = (split.users.max(), split.items.max())
matrix = csr_matrix((np.ones(len(users), np.float32), (users, items)), shape=shape)
model = BayesianPersonalizedRanking(factors=64, learning_rate=rate, regularization=penalty, iterations=EPOCHS)
clock = {"trained": 0.0, "began": time.perf_counter(), "best": 0.0}


class Reached(Exception):
    """The goal is reached."""


def look(epoch: int, *_: object) -> None:
    clock["trained"] += time.perf_counter() - clock["began"]
    found = ndcg(model.user_factors, model.item_factors, split)
    clock["best"] = max(clock["best"], found)
    if found >= GOALS[work]:
        raise Reached(f"ndcg@10 {found:.4f} after {epoch + 1} epochs, rate {rate:g}, penalty {penalty:g}")
    clock["began"] = time.perf_counter()


try:
    model.fit(matrix, show_progress=False, callback=look)
except Reached as reached:
    trained = clock["trained"]
    tell(len(users), [trained], ["implicit"], reached=trained, note=str(reached))
else:
    raise SystemExit(f"ndcg@10 came to {clock['best']:.4f} at most, in {EPOCHS} epochs and {clock['trained']:.0f} s")
