"""Each loss against its definition written out, its gradient against finite differences, and scores of any size."""

import keras
import numpy as np
import pytest
from keras import ops

from recmagic.losses.binary_crossentropy import BinaryCrossentropy
from recmagic.losses.binary_focal_crossentropy import BinaryFocalCrossentropy
from recmagic.losses.bpr import BPR
from recmagic.losses.categorical_crossentropy import CategoricalCrossentropy
from recmagic.losses.gbce import GBCE
from recmagic.losses.pairwise_hinge_loss import PairwiseHingeLoss
from recmagic.losses.pairwise_logistic_loss import PairwiseLogisticLoss
from recmagic.losses.pairwise_mean_squared_error import PairwiseMeanSquaredError
from recmagic.losses.pairwise_soft_zero_one_loss import PairwiseSoftZeroOneLoss
from recmagic.losses.warp import WARP
from tests.losses import plain_losses as plain
from tests.losses.gradient import gradient

R, C, ITEMS = 5, 4, 30


def among(loss):
    loss.for_catalogue(ITEMS)
    return loss


CASES = [
    ("BPR", BPR(), plain.pairwise(plain.bpr)),
    ("logistic", PairwiseLogisticLoss(), plain.pairwise(plain.bpr)),
    ("logistic, temperature", PairwiseLogisticLoss(temperature=0.5), plain.pairwise(lambda d: plain.bpr(2 * d))),
    ("hinge", PairwiseHingeLoss(), plain.pairwise(lambda d: max(0, 1 - d))),
    ("hinge, temperature", PairwiseHingeLoss(temperature=2), plain.pairwise(lambda d: max(0, 1 - d / 2))),
    ("soft zero-one", PairwiseSoftZeroOneLoss(), plain.pairwise(lambda d: 1 - plain.sigmoid(d))),
    ("squared differences", PairwiseMeanSquaredError(), plain.pairwise_mean_squared_error),
    ("WARP", among(WARP()), plain.warp(ITEMS)),
    ("binary", BinaryCrossentropy(), plain.pointwise(plain.binary(0.0))),
    ("binary, smoothed", BinaryCrossentropy(label_smoothing=0.2), plain.pointwise(plain.binary(0.2))),
    ("focal", BinaryFocalCrossentropy(), plain.pointwise(plain.focal(2))),
    ("focal, slight", BinaryFocalCrossentropy(gamma=0.5), plain.pointwise(plain.focal(0.5))),
    ("focal, balanced", BinaryFocalCrossentropy(True, 0.3, 1), plain.pointwise(plain.focal(1, alpha=0.3))),
    ("focal, all", BinaryFocalCrossentropy(True, 0.3, 3, 0.2), plain.pointwise(plain.focal(3, 0.2, 0.3))),
    ("GBCE", among(GBCE()), plain.gbce(0.75, ITEMS)),
    ("GBCE, calibrated", among(GBCE(t=1)), plain.gbce(1, ITEMS)),
    ("softmax", CategoricalCrossentropy(), plain.softmax(0.0)),
    ("softmax, smoothed", CategoricalCrossentropy(label_smoothing=0.3), plain.softmax(0.3)),
]
LOSSES = pytest.mark.parametrize("loss", [loss for _, loss, _ in CASES], ids=[name for name, *_ in CASES])


def drawn():
    random = np.random.default_rng(3)
    real = random.random((R, C)) < 0.6
    real[0], real[1] = True, False  # one row with all candidates, one with none
    return random.normal(0, 2, R), random.normal(0, 2, (R, C)), real


def value(loss, positive, negatives, real=None):
    given = [ops.convert_to_tensor(np.float32(each)) for each in (positive, negatives)]
    return ops.convert_to_numpy(loss(*given, None if real is None else ops.convert_to_tensor(real)))


@pytest.mark.parametrize("loss, definition", [case[1:] for case in CASES], ids=[name for name, *_ in CASES])
@pytest.mark.parametrize("masked", [True, False])
def test_the_value_is_the_plain_definition_over_the_candidates_that_count(loss, definition, masked):
    positive, negatives, real = drawn()
    counted = real if masked else np.ones_like(real)
    expected = [definition(positive[row], list(negatives[row][counted[row]])) for row in range(R)]
    np.testing.assert_allclose(value(loss, positive, negatives, counted if masked else None), expected,
                               rtol=2e-5, atol=1e-6)


@LOSSES
def test_the_gradient_is_that_of_finite_differences(loss):
    positive, negatives, real = drawn()
    bump = 1e-2

    def slopes(of_positive, of_negatives):  # a loss a row: all rows may move at once
        above = value(loss, positive + bump * of_positive, negatives + bump * of_negatives, real)
        return (above - value(loss, positive - bump * of_positive, negatives - bump * of_negatives, real)) / (2 * bump)

    by_positive, by_negatives = gradient(lambda p, n: loss(p, n, ops.convert_to_tensor(real)), positive, negatives)
    assert not by_negatives[~real].any()
    np.testing.assert_allclose(by_positive, slopes(1, 0), atol=2e-3)
    for column in range(C):
        np.testing.assert_allclose(by_negatives[:, column], slopes(0, np.eye(C)[column]), atol=2e-3)


@LOSSES
def test_scores_of_any_size_give_finite_losses_and_gradients(loss):
    scores = np.float32([-1e4, 1e4, 0])
    real = np.eye(3) == 0
    assert np.isfinite(value(loss, scores, np.tile(scores, (3, 1)), real)).all()
    slopes = gradient(lambda p, n: loss(p, n, ops.convert_to_tensor(real)), scores, np.tile(scores, (3, 1)))
    assert all(np.isfinite(each).all() for each in slopes)


@LOSSES
def test_what_is_far_out_of_order_is_still_drawn_into_it(loss):
    by_positive, by_negatives = gradient(loss, [-30.0], [[30.0, 30.0]])
    if isinstance(loss, PairwiseSoftZeroOneLoss):  # flat far out, as what it smooths
        assert by_positive[0] == pytest.approx(0, abs=1e-6)
    else:
        assert by_positive[0] < -0.02 and (by_negatives > 0.01).all()


@LOSSES
def test_candidates_that_do_not_count_have_no_say(loss):
    positive, negatives, real = drawn()
    changed = np.where(real, negatives, negatives + 7)
    np.testing.assert_array_equal(value(loss, positive, negatives, real), value(loss, positive, changed, real))


@pytest.mark.parametrize("loss, plain_loss", [
    (BinaryCrossentropy(), plain.binary(0.0)), (BinaryCrossentropy(0.2), plain.binary(0.2)),
    (BinaryFocalCrossentropy(), plain.focal(2)), (BinaryFocalCrossentropy(True, 0.3, 3, 0.2), plain.focal(3, 0.2, 0.3)),
], ids=["binary", "binary, smoothed", "focal", "focal, all"])
def test_labels_are_compared_as_keras_does(loss, plain_loss):
    labels, logits = np.float32([0, 1, 1, 0, 1]), np.float32([-2, 0.5, 9, 3, -5])
    given = ops.convert_to_numpy(loss.labelled(*map(ops.convert_to_tensor, (labels, logits))))
    expected = [plain_loss(label, float(logit)) for label, logit in zip(labels, logits)]
    np.testing.assert_allclose(given, expected, rtol=1e-5, atol=1e-6)
    settings = {name: each for name, each in vars(loss).items() if not name.startswith("_")}
    of_keras = getattr(keras.losses, type(loss).__name__)(from_logits=True, **settings)
    for each, label, logit in zip(given, labels, logits):
        assert float(each) == pytest.approx(float(of_keras(label[None], logit[None])), rel=2e-3, abs=1e-6)


@pytest.mark.parametrize("loss", [BinaryCrossentropy(), BinaryFocalCrossentropy(gamma=0.5)])
def test_labels_far_from_their_logits_are_finite_and_have_a_gradient(loss):
    labels = ops.convert_to_tensor(np.float32([1, 0, 1, 0]))
    (slopes,) = gradient(lambda logits: loss.labelled(labels, logits), [-1e4, 1e4, 1e4, -1e4])
    np.testing.assert_allclose(slopes, [-1, 1, 0, 0], atol=1e-5)


@pytest.mark.parametrize("loss", [loss for _, loss, _ in CASES if loss.kind == "pairwise"], ids=lambda each: type(
    each).__name__)
def test_a_pairwise_loss_depends_on_differences_alone(loss):
    """The objective computes no score of its own for a positive, where there is one negative."""
    positive, negatives, real = drawn()
    moved = value(loss, np.zeros_like(positive), negatives - positive[:, None], real)
    np.testing.assert_allclose(moved, value(loss, positive, negatives, real), atol=1e-5)
