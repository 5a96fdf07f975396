"""BPR-MF as one hand-written lax.scan an epoch on JAX, Adam by hand, negatives drawn in the graph."""

import json
import sys
import time
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from bpr_data import interactions

epochs, batch, width = (int(each) for each in sys.argv[1:4])
users, items, user_count, item_count = interactions()
keys = jax.random.split(jax.random.key(0), 2)
weights = [jax.random.uniform(key, (count + 1, width), minval=-0.05, maxval=0.05)
           for key, count in zip(keys, (user_count, item_count))]
state = (weights, [jnp.zeros_like(each) for each in weights], [jnp.zeros_like(each) for each in weights], jnp.int32(0))
users, items = jnp.asarray(users), jnp.asarray(items)


def loss(weights, user, positive, negative):
    vectors = weights[0][user]
    return jnp.mean(jax.nn.softplus(jnp.sum(vectors * (weights[1][negative] - weights[1][positive]), axis=-1)))


def step(carry, chosen):
    (weights, first, second, count), users, items, key = carry
    key, drawn = jax.random.split(key)
    negative = jax.random.randint(drawn, chosen.shape, 1, item_count + 1)
    value, gradient = jax.value_and_grad(loss)(weights, users[chosen], items[chosen], negative)
    count = count + 1
    first = [0.9 * old + 0.1 * new for old, new in zip(first, gradient)]
    second = [0.999 * old + 0.001 * new * new for old, new in zip(second, gradient)]
    rate = 1e-3 * jnp.sqrt(1 - 0.999 ** count.astype(float)) / (1 - 0.9 ** count.astype(float))
    weights = [old - rate * m / (jnp.sqrt(v) + 1e-7) for old, m, v in zip(weights, first, second)]
    return ((weights, first, second, count), users, items, key), value


@partial(jax.jit, donate_argnums=0)
def epoch(state, users, items, key, order):
    carry, values = jax.lax.scan(step, (state, users, items, key), order)
    return carry[0], carry[3], values


rng, key, seconds = np.random.default_rng(0), jax.random.key(1), []
whole = len(users) // batch * batch
for _ in range(epochs + 1):
    began = time.perf_counter()
    order = rng.permutation(len(users))[:whole].astype(np.int32).reshape(-1, batch)
    state, key, values = epoch(state, users, items, key, order)
    values.block_until_ready()
    seconds.append(time.perf_counter() - began)
print(json.dumps({"seconds": seconds[1:], "samples": whole}))
