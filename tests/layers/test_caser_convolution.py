"""Caser's convolutions against windows and weighted sums written out in numpy."""

import numpy as np
import pytest

from recmagic.layers.caser_convolution import CaserConvolution
from tests.layers.checked import MASK, array, check_saving, numbers, shaken


def by_hand(weights: dict, x: np.ndarray) -> np.ndarray:
    length, found = x.shape[1], []
    for height in range(1, length + 1):
        kernel, bias = (weights[f"height_{height}/{name}"] for name in ("kernel", "bias"))
        windows = [sum(x[:, start + tap] @ kernel[tap] for tap in range(height)) + bias
                   for start in range(length - height + 1)]
        found.append(np.maximum(windows, 0).max(axis=0))
    for filter in weights["along_width"].T:
        found.append(sum(weight * x[:, step] for step, weight in enumerate(filter)))
    return np.concatenate(found, axis=-1)


@pytest.mark.parametrize("mask", [MASK, np.ones_like(MASK)], ids=["padded", "full"])
def test_it_is_windows_over_time_and_sums_over_steps(mask):
    layer, x = CaserConvolution(horizontal=3, vertical=2), numbers(3, 5, 4)
    weights = shaken(layer, x)
    found = array(layer(x, mask=None if mask.all() else mask))
    assert found.shape == (3, 5 * 3 + 2 * 4)
    np.testing.assert_allclose(found, by_hand(weights, x * mask[..., None]), rtol=1e-4, atol=1e-5)


def test_it_survives_saving(tmp_path):
    check_saving(CaserConvolution(horizontal=3, vertical=2), tmp_path, numbers(3, 5, 4))


def test_what_does_not_fit_is_refused_in_words():
    with pytest.raises(ValueError, match="vertical is a whole number of filters from 1 up, not 0"):
        CaserConvolution(vertical=0)
    with pytest.raises(ValueError, match="fixed length"):
        CaserConvolution()(numbers(2, 4))
