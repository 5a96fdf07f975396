"""Graph propagation against plain matrices."""

import numpy as np
import pytest
from keras import ops

from recmagic.compiler.graph_propagation import GraphPropagation

USERS, ITEMS, WIDTH = 5, 4, 3


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_it_is_the_mean_of_powers_of_the_normalised_adjacency(layers):
    random = np.random.default_rng(0)
    has = random.random((USERS, ITEMS)) < 0.5
    user, item = np.nonzero(has)
    weights = (1 / np.sqrt(has.sum(1)[user] * has.sum(0)[item])).astype(np.float32)
    own, other = random.normal(size=(USERS, WIDTH)), random.normal(size=(ITEMS, WIDTH))
    matrix = np.zeros((USERS + ITEMS, USERS + ITEMS))
    matrix[user, USERS + item] = matrix[USERS + item, user] = weights
    both = np.concatenate([own, other])
    expected = sum(np.linalg.matrix_power(matrix, power) @ both for power in range(layers + 1)) / (layers + 1)
    rows = np.array([2, 0, 2, 4])
    found = GraphPropagation(layers)([
        ops.convert_to_tensor(each) for each in (own.astype(np.float32), other.astype(np.float32),
                                                 user.astype(np.int32), item.astype(np.int32), weights, rows)])
    np.testing.assert_allclose(ops.convert_to_numpy(found), expected[:USERS][rows], atol=1e-5)
    assert GraphPropagation(layers).get_config()["layers"] == layers
