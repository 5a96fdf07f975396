"""Ties take their expected rank: every list metric equals its mean over all orders that the ties allow."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recmagic.evaluation.catalogue import Catalogue
from recmagic.evaluation.metrics import metric
from recmagic.evaluation.ranks import Ranks, joined, ranks_of
from recmagic.evaluation.selection import select
from tests.evaluation.plain_lists import PLAIN, expected


def ranked(scores: np.ndarray, hidden: np.ndarray, relevant: list[list[int]], depth: int) -> Ranks:
    """Select and read off the ranks of a small case; item 0 is the unknown one and hidden."""
    padded = np.full((len(scores), max(len(items) for items in relevant)), -1, dtype=np.int32)
    for row, items in enumerate(relevant):
        padded[row, : len(items)] = items
    selection = select(scores, hidden, padded, depth)
    counts = np.array([len(items) for items in relevant])
    return ranks_of(selection, counts, Catalogue(np.arange(scores.shape[1]), 10))


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[float], list[bool], list[int], int, int]:
    """A user with few items, few distinct scores, some items hidden (relevant ones too), and depth >= k."""
    count = draw(st.integers(1, 6))
    scores = [0.0, *draw(st.lists(st.sampled_from([0.0, 1.0, 2.0, 2.5]), min_size=count, max_size=count))]
    hidden = [True, *draw(st.lists(st.sampled_from([False, False, False, True]), min_size=count, max_size=count))]
    relevant = draw(st.lists(st.integers(1, count), min_size=1, max_size=count, unique=True))
    depth = draw(st.integers(1, count + 1))
    return scores, hidden, relevant, draw(st.integers(1, depth)), depth


@given(st.lists(cases(), min_size=1, max_size=1))
@pytest.mark.parametrize("name", PLAIN)
def test_a_metric_is_its_mean_over_all_orders(name: str, users: list) -> None:
    scores, hidden, relevant, k, depth = users[0]
    ranks = ranked(np.array([scores]), np.array([hidden]), [relevant], depth)
    listed = [item for item, gone in enumerate(hidden) if not gone]
    want = expected(name, scores, listed, set(relevant), k)
    assert metric(name).function(ranks, k)[0] == pytest.approx(want, abs=1e-12)


@pytest.mark.parametrize("name", PLAIN)
def test_no_ties_equal_the_plain_definition(name: str) -> None:
    random = np.random.default_rng(1)
    scores = random.permuted(np.tile(np.arange(41.0), (30, 1)), axis=1)
    hidden = random.random(scores.shape) < 0.2
    hidden[:, 0] = True
    relevant = [sorted(random.choice(np.arange(1, 41), size=random.integers(1, 9), replace=False)) for _ in scores]
    got = metric(name).function(ranked(scores, hidden, relevant, 20), 10)
    for user, items in enumerate(relevant):
        listed = sorted(np.flatnonzero(~hidden[user]), key=lambda item: -scores[user, item])
        hits = [int(item in items) for item in listed]
        assert got[user] == pytest.approx(PLAIN[name](hits, len(items), 10), abs=1e-12)


@given(st.integers(2, 40), st.integers(0, 30), st.integers(1, 10))
def test_an_all_zero_model_scores_k_by_the_items_not_hidden(count: int, seen: int, k: int) -> None:
    seen = min(seen, count - 1)
    k = min(k, count - seen)
    hidden = np.arange(count + 1)[None, :] <= seen
    for target in (seen + 1, count):
        ranks = ranked(np.zeros((1, count + 1), np.float32), hidden, [[target]], k)
        assert metric("hit_rate").function(ranks, k)[0] == pytest.approx(k / (count - seen))
        assert metric("recall").function(ranks, k)[0] == pytest.approx(k / (count - seen))


def test_blocks_join_in_order() -> None:
    random = np.random.default_rng(2)
    scores = random.integers(0, 3, (9, 12)).astype(np.float32)
    hidden = random.random(scores.shape) < 0.3
    relevant = [[1 + user, 2 + user] for user in range(9)]
    whole = ranked(scores, hidden, relevant, 5)
    blocks = [ranked(scores[a:b], hidden[a:b], relevant[a:b], 5) for a, b in ((0, 4), (4, 9))]
    for name in ("items", "start", "size", "hits", "relevant"):
        np.testing.assert_array_equal(getattr(joined(blocks), name), getattr(whole, name))
