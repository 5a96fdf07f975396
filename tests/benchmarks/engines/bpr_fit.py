"""BPR-MF by Keras's own fit on JAX, with negatives drawn once an epoch on the host."""

import json
import sys
import time

import keras
import numpy as np
from bpr_data import interactions

epochs, batch, width = (int(each) for each in sys.argv[1:4])
users, items, user_count, item_count = interactions()
given = [keras.Input((), dtype="int32") for _ in range(3)]
table = keras.layers.Embedding(item_count + 1, width)
vectors = keras.layers.Embedding(user_count + 1, width)(given[0])
difference = keras.layers.Subtract()([table(given[1]), table(given[2])])
model = keras.Model(given, keras.layers.Dot(-1)([vectors, difference]))
model.compile(keras.optimizers.Adam(1e-3), lambda _, score: keras.ops.softplus(-score), jit_compile=True)
rng, seconds, labels = np.random.default_rng(0), [], np.zeros(len(users), np.float32)
for _ in range(epochs + 1):
    began = time.perf_counter()
    negatives = rng.integers(1, item_count + 1, len(users), dtype=np.int32)
    model.fit([users, items, negatives], labels, batch_size=batch, epochs=1, verbose=0)
    seconds.append(time.perf_counter() - began)
print(json.dumps({"seconds": seconds[1:], "samples": len(users)}))
