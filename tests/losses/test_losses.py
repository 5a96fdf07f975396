"""Each loss against a plain definition, its gradient against finite differences, its smoothing against Keras."""

import jax
import keras
import numpy as np
import pytest

from recmagic.losses.binary_crossentropy import BinaryCrossentropy
from recmagic.losses.bpr import BPR
from recmagic.losses.categorical_crossentropy import CategoricalCrossentropy

R, C = 5, 4


def drawn():
    random = np.random.default_rng(3)
    real = random.random((R, C)) < 0.6
    real[0], real[1] = True, False  # one row with all candidates, one with none
    return random.normal(0, 2, R), random.normal(0, 2, (R, C)), real


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def plain_bpr(positive, negatives):
    return -np.mean([np.log(sigmoid(positive - each)) for each in negatives]) if len(negatives) else 0.0


def plain_binary(smoothing):
    def loss(positive, negatives):
        labels = [1 - smoothing / 2] + [smoothing / 2] * len(negatives)
        chances = [sigmoid(score) for score in (positive, *negatives)]
        return np.mean([-y * np.log(p) - (1 - y) * np.log(1 - p) for y, p in zip(labels, chances)])
    return loss


def plain_softmax(smoothing):
    def loss(positive, negatives):
        if not len(negatives):
            return 0.0  # a softmax over one
        scores = np.array([positive, *negatives])
        label = np.eye(len(scores))[:1]
        return float(keras.losses.categorical_crossentropy(
            label, scores[None], from_logits=True, label_smoothing=smoothing)[0])
    return loss


CASES = [
    (BPR(), plain_bpr),
    (BinaryCrossentropy(), plain_binary(0.0)),
    (BinaryCrossentropy(label_smoothing=0.2), plain_binary(0.2)),
    (CategoricalCrossentropy(), plain_softmax(0.0)),
    (CategoricalCrossentropy(label_smoothing=0.3), plain_softmax(0.3)),
]


@pytest.mark.parametrize("loss, plain", CASES, ids=lambda each: type(each).__name__)
@pytest.mark.parametrize("masked", [True, False])
def test_the_value_is_the_plain_definition_over_the_candidates_that_count(loss, plain, masked):
    positive, negatives, real = drawn()
    counted = real if masked else np.ones_like(real)
    given = loss(np.float32(positive), np.float32(negatives), counted if masked else None)
    expected = [plain(positive[row], negatives[row][counted[row]]) for row in range(R)]
    np.testing.assert_allclose(given, expected, rtol=2e-5, atol=1e-6)


@pytest.mark.parametrize("loss", [each for each, _ in CASES], ids=lambda each: type(each).__name__)
def test_the_gradient_is_that_of_finite_differences(loss):
    positive, negatives, real = drawn()
    bump = 1e-2

    def total(p, n):
        return loss(jax.numpy.float32(p), jax.numpy.float32(n), real).sum()

    def slope(of_positive, of_negatives):
        above = total(positive + bump * of_positive, negatives + bump * of_negatives)
        return float(above - total(positive - bump * of_positive, negatives - bump * of_negatives)) / (2 * bump)

    by_positive, by_negatives = (np.asarray(each) for each in jax.grad(total, (0, 1))(positive, negatives))
    assert not by_negatives[~real].any()
    for row in range(R):
        assert by_positive[row] == pytest.approx(slope(np.eye(R)[row], 0), abs=2e-3)
        for column in range(C):
            assert by_negatives[row, column] == pytest.approx(slope(0, np.eye(R * C)[C * row + column].reshape(R, C)),
                                                              abs=2e-3)


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_labels_are_compared_as_keras_does(smoothing):
    labels, logits = np.float32([0, 1, 1, 0]), np.float32([-2, 0.5, 30, 3])
    given = BinaryCrossentropy(smoothing).labelled(labels, logits)
    smooth = labels * (1 - smoothing) + smoothing / 2
    expected = np.logaddexp(0, logits) - smooth * logits
    np.testing.assert_allclose(given, expected, rtol=1e-5, atol=1e-6)
    for value, label, logit in zip(given, labels, logits):
        same = keras.losses.BinaryCrossentropy(from_logits=True, label_smoothing=smoothing)(label[None], logit[None])
        assert float(value) == pytest.approx(float(same), rel=1e-5)


@pytest.mark.parametrize("loss", [each for each, _ in CASES], ids=lambda each: type(each).__name__)
def test_scores_of_any_size_give_finite_losses(loss):
    scores = np.float32([-1e4, 1e4, 0])
    assert np.isfinite(loss(scores, np.tile(scores, (3, 1)), np.eye(3) == 0)).all()
