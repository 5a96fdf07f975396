"""FinalMLP's gate and fusion against their formulas in numpy."""

import numpy as np
import pytest

from recmagic.layers.bilinear_fusion import BilinearFusion
from recmagic.layers.feature_gate import FeatureGate
from tests.layers.checked import array, check_saving, dense, numbers, shaken, sigmoid


def test_a_gate_weighs_each_number_by_the_context():
    layer, x, context = FeatureGate(units=5), numbers(4, 6), numbers(4, 3, seed=1)
    weights = shaken(layer, x, context)
    gate = 2 * sigmoid(dense(np.maximum(dense(context, weights, "inner"), 0), weights, "gate"))
    np.testing.assert_allclose(array(layer(x, context)), x * gate, rtol=1e-4, atol=1e-5)


def test_fusion_is_linear_in_both_and_bilinear_in_their_pieces():
    layer, x, y = BilinearFusion(heads=2), numbers(4, 6), numbers(4, 8, seed=1)
    weights = shaken(layer, x, y)
    expected = dense(x, weights, "linear_0") + dense(y, weights, "linear_1")
    for head in range(2):
        pieces = x[:, 3 * head : 3 * head + 3], y[:, 4 * head : 4 * head + 4]
        products = [one @ weights["bilinear"][head] @ other for one, other in zip(*pieces)]
        expected += np.array(products)[:, None]
    np.testing.assert_allclose(array(layer(x, y)), expected, rtol=1e-3, atol=1e-4)


def test_they_survive_saving(tmp_path):
    check_saving(FeatureGate(units=5), tmp_path, numbers(4, 6), numbers(4, 3))
    check_saving(BilinearFusion(heads=2), tmp_path, numbers(4, 6), numbers(4, 8))


def test_heads_that_do_not_fit_are_refused_in_words():
    with pytest.raises(ValueError, match="4 heads do not divide a width of 6"):
        BilinearFusion(heads=4)(numbers(2, 6), numbers(2, 8))
