"""The numpy selection against a sort of everything."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from recmagic.evaluation.selection import select


@given(st.integers(0, 2**32 - 1), st.integers(1, 9), st.integers(1, 4))
def test_the_list_is_a_stable_sort_cut_at_k(seed: int, k: int, distinct: int) -> None:
    random = np.random.default_rng(seed)
    scores = random.integers(0, distinct, (6, 9)).astype(np.float32)
    hidden = random.random(scores.shape) < 0.4
    relevant = random.integers(-1, 9, (6, 3)).astype(np.int32)
    items, best, relevant_scores, boundary = select(scores, hidden, relevant, k)
    assert items.dtype == np.int32 and best.dtype == np.float32
    for user in range(6):
        order = sorted(np.flatnonzero(~hidden[user]), key=lambda item: (-scores[user, item], item))[:k]
        assert items[user, : len(order)].tolist() == order
        assert best[user, : len(order)].tolist() == [scores[user, item] for item in order]
        assert np.isneginf(best[user, len(order) :]).all()
        if len(order) == k:
            assert boundary[user] == np.sum((scores[user] == best[user, -1]) & ~hidden[user])
        for item, value in zip(relevant[user], relevant_scores[user], strict=True):
            assert np.isnan(value) if item < 0 else value == (-np.inf if hidden[user, item] else scores[user, item])


def test_nan_reaches_the_scores() -> None:
    scores = np.ones((3, 6), np.float32)
    scores[1, 4] = np.nan
    hidden = np.zeros(scores.shape, bool)
    best = select(scores, hidden, np.full((3, 1), -1, np.int32), 2).scores
    assert np.isnan(best).any(axis=1).tolist() == [False, True, False]
    hidden[1, 4] = True
    assert not np.isnan(select(scores, hidden, np.full((3, 1), -1, np.int32), 2).scores).any()
