"""BPR by `implicit`: lock-free SGD in C++ on all cores, one sample an interaction and epoch.

python implicit_bpr.py WORK EPOCHS     prints one line of JSON
"""

import time

import numpy as np
from data import WORKS, read_log
from implicit.cpu.bpr import BayesianPersonalizedRanking
from scipy.sparse import csr_matrix
from telling import asked, tell

name, epochs, _ = asked()
log = read_log(WORKS[name].log)
matrix = csr_matrix((np.ones(len(log.users), np.float32), (log.users - 1, log.items - 1)))
model = BayesianPersonalizedRanking(factors=64, iterations=epochs + 1)
ended: list[float] = []
model.fit(matrix, show_progress=False, callback=lambda *_: ended.append(time.perf_counter()))
tell(matrix.nnz, np.diff(ended).tolist(), ["implicit"])
