"""A work as one hand-written, XLA-compiled `tf.function` an epoch on TensorFlow, over the Keras model.

python tensorflow_loop.py WORK EPOCHS     prints one line of JSON; the short last batch of an epoch is left out
"""

import os
import time

os.environ["KERAS_BACKEND"] = "tensorflow"

import keras
import numpy as np
import tensorflow as tf
from data import WORKS, examples
from devices import device, package
from keras_models import build
from telling import asked, tell

name, epochs, _ = asked()
work = WORKS[name]
given = examples(work)
model, optimizer = build(work, given), keras.optimizers.Adam(1e-3)
optimizer.build(model.trainable_variables)
arrays = [tf.constant(given.first), tf.constant(given.second)]


def step(chosen, negatives):
    with tf.GradientTape() as tape:
        losses = model([tf.gather(array, chosen) for array in arrays] + negatives, training=True)
        loss = tf.reduce_mean(losses)
    gradients = tape.gradient(loss, [variable.value for variable in model.trainable_variables])
    optimizer.apply(gradients, model.trainable_variables)
    return loss


@tf.function(jit_compile=True)
def epoch(order, negatives):
    total = tf.zeros(())
    for place in tf.range(order.shape[0]):
        total += step(order[place], [each[place] for each in negatives])
    return total


rng, seconds, count = np.random.default_rng(0), [], len(given.first)
whole = count // work.batch * work.batch
for _ in range(epochs + 1):
    began = time.perf_counter()
    drawn = [rng.permutation(count).astype(np.int32), *given.negatives(rng)]
    drawn = [tf.constant(each[:whole].reshape(-1, work.batch, *each.shape[1:])) for each in drawn]
    float(epoch(drawn[0], drawn[1:]))
    seconds.append(time.perf_counter() - began)
packages = ["keras", package("tensorflow")]
tell(given.samples * whole / count, seconds[1:], packages, device("tensorflow"))
