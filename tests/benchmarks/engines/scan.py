"""A work as one hand-written `lax.scan` an epoch on JAX, over the Keras model, with the negatives drawn on the host.

python scan.py WORK EPOCHS     prints one line of JSON; the short last batch of an epoch is left out
"""

import os
import time
from functools import partial

os.environ["KERAS_BACKEND"] = "jax"

import jax
import jax.numpy as jnp
import keras
import numpy as np
from data import WORKS, examples
from devices import device
from keras_models import build
from telling import asked, tell

name, epochs, _ = asked()
work = WORKS[name]
given = examples(work)
model, optimizer = build(work, given), keras.optimizers.Adam(1e-3)
optimizer.build(model.trainable_variables)
variables = (model.trainable_variables, model.non_trainable_variables, optimizer.variables)


def step(carry, drawn):
    (trainable, rest, inner), arrays = carry
    chosen, *negatives = drawn

    def loss(trainable):
        inputs = [array[chosen] for array in arrays] + negatives
        losses, new = model.stateless_call(trainable, rest, inputs, training=True)
        return jnp.mean(losses), new

    (value, new), gradients = jax.value_and_grad(loss, has_aux=True)(trainable)
    trainable, inner = optimizer.stateless_apply(inner, gradients, trainable)
    return ((trainable, new, inner), arrays), value


@partial(jax.jit, donate_argnums=0)
def epoch(state, arrays, drawn):
    carry, losses = jax.lax.scan(step, (state, arrays), drawn)
    return carry[0], losses


state = tuple([jnp.array(variable.value) for variable in group] for group in variables)
arrays = [jnp.asarray(given.first), jnp.asarray(given.second)]
rng, seconds, count = np.random.default_rng(0), [], len(given.first)
whole = count // work.batch * work.batch
for _ in range(epochs + 1):
    began = time.perf_counter()
    drawn = [rng.permutation(count).astype(np.int32), *given.negatives(rng)]
    state, losses = epoch(state, arrays, [each[:whole].reshape(-1, work.batch, *each.shape[1:]) for each in drawn])
    losses.block_until_ready()
    seconds.append(time.perf_counter() - began)
tell(given.samples * whole / count, seconds[1:], ["keras", "jax"], device("jax"))
