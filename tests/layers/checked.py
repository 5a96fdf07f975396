"""What the tests of layers share: random weights by name, and a model of one layer saved and loaded."""

import keras
import numpy as np


def shaken(layer: keras.layers.Layer, *inputs: np.ndarray) -> dict[str, np.ndarray]:
    """Build a layer on inputs and give it random weights; return them by their path inside the layer."""
    random = np.random.default_rng(0)
    layer(*inputs)
    for each in layer.trainable_weights:
        each.assign(random.normal(size=each.shape).astype(np.float32) * 0.5)
    return {each.path.split("/", 1)[1]: keras.ops.convert_to_numpy(each.value) for each in layer.trainable_weights}


def dense(x: np.ndarray, weights: dict[str, np.ndarray], name: str) -> np.ndarray:
    """What a Dense layer of that name gives, without its activation."""
    return x @ weights[f"{name}/kernel"] + weights.get(f"{name}/bias", np.float32(0))


def norm(x: np.ndarray, weights: dict[str, np.ndarray], name: str) -> np.ndarray:
    """What a LayerNormalization of that name gives."""
    mean, deviation = x.mean(-1, keepdims=True), np.sqrt(x.var(-1, keepdims=True) + 1e-6)
    return (x - mean) / deviation * weights[f"{name}/gamma"] + weights[f"{name}/beta"]


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def check_saving(layer: keras.layers.Layer, folder: object, *inputs: np.ndarray, as_list: bool = False) -> None:
    """Save a model of the layer, load it in safe mode, and compare its settings and what it gives."""
    given = [keras.Input(each.shape[1:]) for each in inputs]
    model = keras.Model(given, layer(given) if as_list else layer(*given))
    for each in layer.trainable_weights:
        each.assign(np.random.default_rng(1).normal(size=each.shape).astype(np.float32))
    model.save(f"{folder}/layer.keras")
    again = keras.saving.load_model(f"{folder}/layer.keras", safe_mode=True)
    assert again.get_layer(layer.name).get_config() == layer.get_config()
    assert type(layer).from_config(layer.get_config()).get_config() == layer.get_config()
    before, after = (keras.ops.convert_to_numpy(each(list(inputs))) for each in (model, again))
    assert before.shape[1:] == tuple(model.output_shape[1:])
    np.testing.assert_allclose(after, before, rtol=1e-5, atol=1e-6)


def numbers(*shape: int, seed: int = 0) -> np.ndarray:
    """Random float32 numbers of that shape."""
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def array(tensor: object) -> np.ndarray:
    return keras.ops.convert_to_numpy(tensor)


MASK = np.array([[1] * 5, [0, 0, 1, 1, 1], [0, 0, 0, 0, 1]], dtype=bool)  # three sequences of five, padded on the left
