"""The works' models in Keras, as a user would write them by hand: they return one loss an example."""

import keras
import numpy as np
from data import Examples, Work
from keras import layers, ops

WIDTH = 64


def rows(*shape):
    return keras.Input(shape, dtype="int32")


def bpr(work: Work, examples: Examples) -> keras.Model:
    user, item, negative = rows(), rows(), rows()
    users, items = (layers.Embedding(size, WIDTH) for size in examples.sizes)
    score = ops.sum(users(user) * (items(item) - items(negative)), axis=-1)
    return keras.Model([user, item, negative], ops.softplus(-score))


def neumf(work: Work, examples: Examples) -> keras.Model:
    user, item, negatives = rows(), rows(), rows(4)
    users, items = (layers.Embedding(size, WIDTH) for size in examples.sizes)
    both = items(ops.concatenate([ops.expand_dims(item, 1), negatives], axis=1))
    x = ops.concatenate([ops.repeat(ops.expand_dims(users(user), 1), 5, axis=1), both], axis=-1)
    x = layers.Dense(1)(layers.Dense(64, "relu")(layers.Dense(128, "relu")(x)))
    logits = ops.squeeze(x, -1)
    return keras.Model([user, item, negatives], ops.mean(ops.softplus(logits), axis=1) - logits[:, 0] / 5)


def deepfm(work: Work, examples: Examples) -> keras.Model:
    fields, label = rows(len(examples.sizes)), keras.Input((), dtype="float32")
    places = fields + ops.convert_to_tensor(np.r_[0, np.cumsum(examples.sizes)[:-1]].astype("int32"))
    vectors, firsts = (layers.Embedding(sum(examples.sizes), width)(places) for width in (16, 1))
    second = 0.5 * ops.sum(ops.square(ops.sum(vectors, 1)) - ops.sum(ops.square(vectors), 1), axis=-1, keepdims=True)
    deep = layers.Flatten()(vectors)
    for _ in range(2):
        deep = layers.Dense(128, "relu")(deep)
    logit = ops.squeeze(ops.sum(firsts, axis=1) + second + layers.Dense(1)(deep), -1)
    return keras.Model([fields, label], ops.softplus(logit) - label * logit)


def gru4rec(work: Work, examples: Examples) -> keras.Model:
    past = rows(work.length)
    items = layers.Embedding(examples.sizes[0], WIDTH)
    steps = layers.Dense(WIDTH)(layers.GRU(WIDTH, return_sequences=True)(items(past)))
    return _next_item(past, items, steps)


def sasrec(work: Work, examples: Examples) -> keras.Model:
    past = rows(work.length)
    items = layers.ReversibleEmbedding(examples.sizes[0], WIDTH)
    # Places come from the input: a layer called on a constant while a model is built would never be trained.
    x = items(past) + layers.Embedding(work.length, WIDTH)(ops.cumsum(ops.ones_like(past), axis=1) - 1)
    for _ in range(2):
        normed = layers.LayerNormalization(epsilon=1e-6)(x)
        x = x + layers.MultiHeadAttention(2, WIDTH // 2)(normed, normed, use_causal_mask=True)
        normed = layers.LayerNormalization(epsilon=1e-6)(x)
        x = x + layers.Dense(WIDTH)(layers.Dense(WIDTH, "relu")(normed))
    steps = layers.LayerNormalization(epsilon=1e-6)(x)
    return (_softmax if work.model == "sasrec-softmax" else _next_item)(past, items, steps)


def _next_item(past, items, steps) -> keras.Model:
    """Binary cross-entropy of the item that follows each step against a drawn one."""
    wanted, negatives = rows(past.shape[1]), rows(past.shape[1])
    losses = ops.softplus(-ops.sum(steps * items(wanted), -1)) + ops.softplus(ops.sum(steps * items(negatives), -1))
    return keras.Model([past, wanted, negatives], _mean_of_real(losses, wanted))


def _softmax(past, items, steps) -> keras.Model:
    """Cross-entropy of the item that follows each step against the whole catalogue."""
    wanted = rows(past.shape[1])
    logits = items(steps, reverse=True)
    own = ops.squeeze(ops.take_along_axis(logits, ops.expand_dims(wanted, -1), axis=-1), -1)
    return keras.Model([past, wanted], _mean_of_real(ops.logsumexp(logits, axis=-1) - own, wanted))


def _mean_of_real(losses, wanted):
    real = ops.cast(wanted > 0, "float32")
    return ops.sum(losses * real, axis=-1) / ops.maximum(ops.sum(real, axis=-1), 1.0)


MODELS = {"bpr": bpr, "neumf": neumf, "deepfm": deepfm, "gru4rec": gru4rec, "sasrec-bce": sasrec,
          "sasrec-softmax": sasrec}


def build(work: Work, examples: Examples) -> keras.Model:
    """Return the work's model; its inputs are the examples' two arrays and, where there are any, their negatives."""
    keras.utils.set_random_seed(0)
    return MODELS[work.model](work, examples)
