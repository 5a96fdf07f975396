"""BPR by Cornac: lock-free SGD in C++ on all cores, one sample an interaction and epoch.

python cornac_bpr.py WORK EPOCHS     prints one line of JSON; each of its seconds is a mean over ten epochs
"""

import time

import numpy as np
from cornac.data import Dataset
from cornac.models import BPR
from data import WORKS, read_log
from telling import asked, tell

AT_ONCE = 10  # epochs a call of `fit`, which prepares its data anew

name, epochs, _ = asked()
log = read_log(WORKS[name].log)
data = Dataset.from_uir(zip(log.users.tolist(), log.items.tolist(), np.ones(len(log.users)).tolist()))
model = BPR(k=64, max_iter=AT_ONCE)
seconds = []
for _ in range(epochs + 1):
    began = time.perf_counter()
    model.fit(data)
    seconds.append((time.perf_counter() - began) / AT_ONCE)
tell(len(log.users), seconds[1:], ["cornac"])
