"""The pairwise losses are those of Keras-RS on a list of one positive and its candidates, averaged over its pairs."""

import keras_rs
import numpy as np
import pytest
from keras import ops

from recmagic.losses.pairwise_hinge_loss import PairwiseHingeLoss
from recmagic.losses.pairwise_logistic_loss import PairwiseLogisticLoss
from recmagic.losses.pairwise_mean_squared_error import PairwiseMeanSquaredError
from recmagic.losses.pairwise_soft_zero_one_loss import PairwiseSoftZeroOneLoss

CASES = [(PairwiseHingeLoss, {}), (PairwiseHingeLoss, {"temperature": 0.5}), (PairwiseLogisticLoss, {}),
         (PairwiseSoftZeroOneLoss, {"temperature": 3.0}), (PairwiseMeanSquaredError, {})]


@pytest.mark.parametrize("ours, settings", CASES, ids=lambda each: getattr(each, "__name__", str(each)))
def test_the_mean_over_the_pairs_of_a_list(ours, settings):
    random = np.random.default_rng(5)
    positive, negatives = random.normal(0, 2, 6).astype("float32"), random.normal(0, 2, (6, 4)).astype("float32")
    real = random.random((6, 4)) < 0.7
    given = ours(**settings)(*map(ops.convert_to_tensor, (positive, negatives, real)))

    theirs = getattr(keras_rs.losses, ours.__name__)(reduction="none", **settings)
    labels = np.eye(5, dtype="float32")[:1].repeat(6, axis=0)
    mask = np.concatenate([np.ones((6, 1), bool), real], axis=1)
    of_lists = ops.convert_to_numpy(
        theirs({"labels": labels, "mask": mask}, np.concatenate([positive[:, None], negatives], axis=1))).sum(axis=1)
    count = real.sum(axis=1)
    pairs = count * (count + 1) if ours is PairwiseMeanSquaredError else count
    np.testing.assert_allclose(ops.convert_to_numpy(given), of_lists / np.maximum(pairs, 1), rtol=1e-5, atol=1e-6)


def test_a_temperature_is_above_zero():
    with pytest.raises(ValueError, match="above 0, not 0"):
        PairwiseHingeLoss(temperature=0)
