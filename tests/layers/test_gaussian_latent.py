"""The Gaussian code of MultVAE against its formulas in numpy."""

import keras
import numpy as np
import pytest

from recmagic.layers.gaussian_latent import GaussianLatent
from tests.layers.checked import array, check_saving, dense, numbers, shaken


def parts(layer, x):
    return np.split(dense(x, shaken(layer, x), "mean_and_log_variance"), 2, axis=-1)


def test_it_gives_the_mean_outside_training_and_adds_no_loss():
    layer, x = GaussianLatent(3), numbers(4, 6)
    mean, _ = parts(layer, x)
    np.testing.assert_allclose(array(layer(x)), mean, rtol=1e-4, atol=1e-5)
    assert layer.losses == [] and float(layer.steps.value) == 0


def test_samples_have_the_mean_and_the_variance():
    layer, x = GaussianLatent(3, seed=1), np.repeat(numbers(1, 6), 20_000, axis=0)
    mean, log_variance = parts(layer, x)
    found = array(layer(x, training=True))
    np.testing.assert_allclose(found.mean(axis=0), mean[0], atol=0.05 * np.exp(log_variance[0] / 2).max())
    np.testing.assert_allclose(found.std(axis=0), np.exp(log_variance[0] / 2), rtol=0.03)
    assert not np.array_equal(found, array(layer(x, training=True)))


def test_the_divergence_is_added_with_a_weight_that_rises_to_its_cap():
    layer, x = GaussianLatent(3, anneal_cap=0.2, anneal_steps=10), numbers(4, 6)
    mean, log_variance = parts(layer, x)
    divergence = 0.5 * (np.exp(log_variance) + mean**2 - 1 - log_variance).sum(axis=1).mean()
    for weight in (0.0, 0.1, 0.2, 0.2):
        layer._clear_losses()
        layer(x, training=True)
        (loss,) = layer.losses
        np.testing.assert_allclose(float(array(loss)), weight * divergence, rtol=1e-4)


def test_a_model_trains_with_it():
    given = keras.Input((6,))
    model = keras.Model(given, keras.layers.Dense(1)(GaussianLatent(3, anneal_steps=5)(given)))
    model.compile("adam", "mse")
    model.fit(numbers(8, 6), numbers(8, 1), batch_size=4, epochs=2, verbose=0)
    assert float(array(model.layers[1].steps.value)) == 4


def test_it_survives_saving(tmp_path):
    check_saving(GaussianLatent(3, anneal_cap=0.5, anneal_steps=7, seed=3), tmp_path, numbers(3, 6))


def test_what_makes_no_sense_is_refused_in_words():
    with pytest.raises(ValueError, match="units is a whole number"):
        GaussianLatent(0)
    with pytest.raises(ValueError, match="anneal_cap is a weight"):
        GaussianLatent(4, anneal_cap=-0.1)
