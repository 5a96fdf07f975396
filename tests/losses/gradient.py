"""The gradient of a sum of losses, on whatever backend Keras runs on."""

import keras
import numpy as np
from keras import ops


def gradient(function, *arrays):
    """Return, for each float array, the gradient of the sum of what the function gives for their tensors."""
    arrays = [np.float32(each) for each in arrays]
    return [np.asarray(each) for each in BY_BACKEND[keras.backend.backend()](function, arrays)]


def _jax(function, arrays):
    import jax

    places = tuple(range(len(arrays)))
    return jax.grad(lambda *tensors: ops.sum(function(*tensors)), places)(*map(ops.convert_to_tensor, arrays))


def _torch(function, arrays):
    tensors = [ops.convert_to_tensor(each).requires_grad_() for each in arrays]
    ops.sum(function(*tensors)).backward()
    return [ops.convert_to_numpy(each.grad) for each in tensors]


def _tensorflow(function, arrays):
    import tensorflow

    tensors = [ops.convert_to_tensor(each) for each in arrays]
    with tensorflow.GradientTape() as tape:
        for each in tensors:
            tape.watch(each)
        total = ops.sum(function(*tensors))
    return tape.gradient(total, tensors)


BY_BACKEND = {"jax": _jax, "torch": _torch, "tensorflow": _tensorflow}
