"""A work by Keras's own `fit`, on the backend that KERAS_BACKEND names, with an epoch's negatives drawn on the host.

python keras_fit.py WORK EPOCHS [STEPS]     prints one line of JSON; STEPS is steps_per_execution (1)
"""

import os
import time

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np
from data import WORKS, examples
from devices import device, package
from keras_models import build
from telling import asked, tell

name, epochs, more = asked()
work = WORKS[name]
given = examples(work)
model = build(work, given)
model.compile(keras.optimizers.Adam(1e-3), lambda _, losses: losses, steps_per_execution=int(more[0]) if more else 1)
rng, seconds, unused = np.random.default_rng(0), [], np.zeros(len(given.first), np.float32)
for _ in range(epochs + 1):
    began = time.perf_counter()
    inputs = [given.first, given.second, *given.negatives(rng)]
    model.fit(inputs, unused, batch_size=work.batch, epochs=1, verbose=0)
    seconds.append(time.perf_counter() - began)
backend = keras.backend.backend()
tell(given.samples, seconds[1:], ["keras", package(backend)], device(backend))
