"""ListMLE against the chance of an order written out, ties included."""

import math
from itertools import permutations

import keras_rs
import numpy as np
import pytest
from keras import ops

from recmagic.losses.list_mle import ListMLE
from tests.losses.gradient import gradient


def rows(labels, scores, real):
    """One loss a row, by the definition: its softmax among the rows of its list that stand no higher."""
    found = np.zeros(np.shape(scores))
    for place, (ys, ss, kept) in enumerate(zip(labels, scores, real)):
        for i in np.flatnonzero(kept):
            left = [s for y, s, counts in zip(ys, ss, kept) if counts and y <= ys[i]]
            found[place, i] = math.log(sum(map(math.exp, left))) - ss[i]
    return found


def drawn(levels):
    random = np.random.default_rng(levels)
    return random.integers(1, levels + 1, (6, 7)), random.normal(0, 2, (6, 7)), random.random((6, 7)) < 0.7


def value(labels, scores, real):
    tensors = map(ops.convert_to_tensor, (np.float32(labels), np.float32(scores), real))
    return ops.convert_to_numpy(ListMLE().lists(*tensors))


@pytest.mark.parametrize("levels", [1, 3, 1000])
def test_each_row_is_drawn_among_those_not_above_it(levels):
    labels, scores, real = drawn(levels)
    np.testing.assert_allclose(value(labels, scores, real), rows(labels, scores, real), rtol=1e-5, atol=1e-5)


def test_it_is_that_of_keras_rs_where_no_labels_are_equal():
    _, scores, real = drawn(1000)
    labels = np.random.default_rng(0).permuted(np.tile(np.arange(7.0), (6, 1)), axis=1)
    theirs = keras_rs.losses.ListMLELoss(reduction="none")
    expected = np.ravel(ops.convert_to_numpy(
        theirs({"labels": np.float32(labels), "mask": real}, np.float32(scores))))
    np.testing.assert_allclose(value(labels, scores, real).sum(axis=1), expected, rtol=1e-4)


def test_the_chances_of_all_orders_add_up_to_one():
    scores = np.array([0.3, -1.0, 2.0])
    chances = [math.exp(-value([order], [scores], np.ones((1, 3), bool)).sum()) for order in permutations(range(3))]
    assert sum(chances) == pytest.approx(1, rel=1e-5)


def test_the_gradient_is_that_of_finite_differences_and_none_where_a_row_does_not_count():
    labels, scores, real = drawn(3)
    (slopes,) = gradient(lambda s: ListMLE().lists(*map(ops.convert_to_tensor, (np.float32(labels), s, real))), scores)
    assert not slopes[~real].any()
    for column in range(7):
        bump = 1e-2 * np.eye(7)[column]
        above, below = (value(labels, scores + sign * bump, real).sum(axis=1) for sign in (1, -1))
        np.testing.assert_allclose(slopes[:, column], (above - below) / 2e-2, atol=5e-3)


def test_scores_of_any_size_and_empty_lists_are_finite():
    labels, scores = np.array([[1, 2, 3], [3, 2, 1], [1, 1, 1]]), np.array([[-1e4, 0, 1e4]] * 3)
    real = np.array([[True] * 3, [True] * 3, [False] * 3])
    given = value(labels, scores, real)
    assert np.isfinite(given).all() and given[0].sum() == pytest.approx(0) and given[1].sum() > 1e4
    assert not given[2].any()
    (slopes,) = gradient(lambda s: ListMLE().lists(*map(ops.convert_to_tensor, (np.float32(labels), s, real))), scores)
    assert np.isfinite(slopes).all() and not slopes[2].any()
