"""The losses that depend on how many items there are: GBCE by the rate of sampling, WARP by the estimated rank."""

import numpy as np
import pytest
from keras import ops

from recmagic.losses.binary_crossentropy import BinaryCrossentropy
from recmagic.losses.gbce import GBCE
from recmagic.losses.warp import WARP
from tests.losses.gradient import gradient


def value(loss, positive, negatives, real=None):
    given = [ops.convert_to_tensor(np.float32(each)) for each in (positive, negatives)]
    return ops.convert_to_numpy(loss(*given, None if real is None else ops.convert_to_tensor(real)))


def among(loss, items):
    loss.for_catalogue(items)
    return loss


def test_gbce_is_binary_crossentropy_where_t_is_0_or_every_item_is_a_candidate():
    random = np.random.default_rng(0)
    positive, negatives = random.normal(size=3), random.normal(size=(3, 10))
    plain = value(BinaryCrossentropy(), positive, negatives)
    np.testing.assert_allclose(value(among(GBCE(t=0), 1000), positive, negatives), plain, rtol=1e-6)
    np.testing.assert_allclose(value(among(GBCE(t=1), 11), positive, negatives), plain, rtol=1e-6)
    np.testing.assert_allclose(value(GBCE(), positive, negatives), plain, rtol=1e-6)  # not told: these are all
    assert (value(among(GBCE(), 1000), positive, negatives) < plain).all()


def test_gbce_with_t_1_finds_the_probability_that_all_items_would_give():
    """With every item a candidate, an item of probability p gets the logit log(p / (1 - p)); sampled, it still does."""
    probability, items, count = 0.02, 1001, 10
    logit = np.log(probability / (1 - probability))
    loss = among(GBCE(t=1), items)

    def expected(positive, negatives):  # positives come at p, and as negatives at (1 - p) alpha each, by symmetry
        rate = count / (items - 1)
        return probability * loss(positive, ops.zeros((1, count)))[0] * (count + 1) + (
            1 - probability) * rate * ops.softplus(negatives[0])

    by_positive, by_negative = gradient(expected, [logit], [logit])
    assert by_positive[0] + by_negative[0] == pytest.approx(0, abs=1e-6)


def test_warp_knows_the_rank_exactly_where_every_item_is_a_candidate():
    scores = np.array([[3.0, 2.5, 1.9, 0.1, -4.0]])
    catalogue = among(WARP(), 5)
    real = np.ones((1, 5), bool)
    real[0, 2] = False  # the positive itself, at 1.9
    within = [1 - 1.9 + each for each in (3.0, 2.5)]
    assert value(catalogue, [1.9], scores, real)[0] == pytest.approx((1 + 1 / 2) * np.mean(within), rel=1e-5)
    np.testing.assert_allclose(value(WARP(), [1.9], scores[:, [0, 1, 3, 4]]), value(catalogue, [1.9], scores, real))


def test_warp_estimates_the_rank_by_the_share_of_candidates_within_the_margin():
    loss = among(WARP(), 1001)
    low, high = value(loss, [0.0, 0.0], [[0.0, -9, -9, -9], [0.0, 0.0, 0.0, 0.0]])
    harmonic = np.cumsum(1 / np.arange(1, 1001))
    assert low == pytest.approx(harmonic[249], rel=1e-5) and high == pytest.approx(harmonic[999], rel=1e-5)
    assert value(loss, [5.0], [[0.0, -9, -9, -9]])[0] == 0
    assert value(among(WARP(), 2), [0.0], [[0.0, -9, -9, -9]])[0] == pytest.approx(1)  # a rank is at least 1


def test_warp_takes_the_rank_for_a_number_not_a_function():
    by_positive, by_negatives = gradient(among(WARP(), 5), [0.0], [[0.5, -9.0]])
    weight = 1 + 1 / 2  # half of the other four
    assert by_positive[0] == pytest.approx(-weight) and by_negatives.tolist() == [[pytest.approx(weight), 0.0]]


@pytest.mark.parametrize("t", [-0.1, 1.1])
def test_t_goes_from_0_to_1(t):
    with pytest.raises(ValueError, match="from 0 to 1"):
        GBCE(t)
