"""A work as a hand-written PyTorch loop with the fused Adam, with an epoch's negatives drawn on the host.

python torch_loop.py WORK EPOCHS     prints one line of JSON
"""

import time

import numpy as np
import torch
from data import WORKS, examples
from devices import device
from telling import asked, tell
from torch_models import build

name, epochs, _ = asked()
work = WORKS[name]
given = examples(work)
place = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
model = build(work, given).to(place)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)
arrays = [torch.from_numpy(each).to(place) for each in (given.first, given.second)]
rng, seconds, count = np.random.default_rng(0), [], len(given.first)
for _ in range(epochs + 1):
    began = time.perf_counter()
    order = torch.from_numpy(rng.permutation(count)).to(place)
    negatives = [torch.from_numpy(each).to(place) for each in given.negatives(rng)]
    total = torch.zeros((), device=place)
    for start in range(0, count, work.batch):
        chosen = order[start : start + work.batch]
        loss = model(*(array[chosen] for array in arrays), *(each[start : start + work.batch] for each in negatives))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        total += loss.detach()
    total.item()
    seconds.append(time.perf_counter() - began)
tell(given.samples, seconds[1:], ["torch"], device("torch"))
