"""The numpy selection against a sort of everything."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recmagic.backends.protocol import Selection
from recmagic.evaluation import selection
from recmagic.evaluation.hidden import Hidden
from recmagic.evaluation.selection import select

NOBODY = np.full((3, 1), -1, np.int32)
LEVELS = (0.0, -0.0, 1.0, 2.5, -3.0, np.inf, -np.inf)


def sorted_out(scores: np.ndarray, hidden: np.ndarray, relevant: np.ndarray, k: int) -> Selection:
    """Sort every row: the same by the plainest means; nan for a list's end, whose items mean nothing."""
    items, best = np.full((len(scores), k), np.nan), np.full((len(scores), k), -np.inf)
    for user, row in enumerate(scores):
        order = sorted(np.flatnonzero(~hidden[user] & ~np.isneginf(row)), key=lambda item: (-row[item], item))[:k]
        items[user, : len(order)], best[user, : len(order)] = order, row[order]
    shown = np.where(hidden, -np.inf, scores)
    asked = np.where(relevant < 0, np.nan, np.take_along_axis(shown, relevant, axis=1))
    return Selection(items, best, asked, (shown == best[:, -1:]).sum(axis=1))


@st.composite
def cases(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    """Scores of a few users for up to fifty items, of few levels or all distinct, hidden here and there, and a k."""
    count = draw(st.integers(1, 50))
    levels = draw(st.lists(st.sampled_from(LEVELS), max_size=4))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    scores = random.choice(levels, (5, count)) if levels else random.normal(size=(5, count))
    hidden = random.random(scores.shape) < draw(st.sampled_from([0.0, 0.3, 0.95, 1.0]))
    relevant = random.integers(-1, count, (5, 3)).astype(np.int32)
    kind = draw(st.sampled_from([np.float32, np.float64, np.float16]))
    return scores.astype(kind), hidden, relevant, draw(st.integers(1, count))


@given(cases(), st.booleans())
def test_the_list_is_a_stable_sort_cut_at_k(case: tuple, listed: bool) -> None:
    scores, hidden, relevant, k = case
    given = Hidden(np.zeros(0, int), *np.nonzero(hidden)) if listed else hidden
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(selection, "GROUPS", 4)  # many items a group
        items, best, asked, boundary = select(scores, given, relevant, k)
    want = sorted_out(scores, hidden, relevant, k)
    assert items.dtype == np.int32 and best.dtype == np.result_type(scores, np.float32)
    np.testing.assert_array_equal(best, want.scores)
    np.testing.assert_array_equal(np.where(np.isneginf(best), np.nan, items), want.items)
    np.testing.assert_array_equal(asked, want.relevant_scores)
    np.testing.assert_array_equal(boundary, want.boundary)


@pytest.mark.parametrize("k", [1, 20, 300, 999, 1000])
def test_many_items_are_no_different(k: int) -> None:
    random = np.random.default_rng(k)
    for scores in (random.normal(size=(3, 1000)), random.poisson(0.02, (3, 1000)), np.zeros((3, 1000))):
        hidden = random.random(scores.shape) < 0.1
        got, want = select(scores, hidden, NOBODY, k), sorted_out(scores, hidden, NOBODY, k)
        np.testing.assert_array_equal(got.scores, want.scores)
        np.testing.assert_array_equal(np.where(np.isneginf(got.scores), np.nan, got.items), want.items)
        np.testing.assert_array_equal(got.boundary, want.boundary)


def test_the_scores_are_not_touched() -> None:
    scores = np.broadcast_to(np.arange(6.0), (3, 6))
    assert select(scores, np.eye(3, 6, 5, dtype=bool), NOBODY, 2).items.tolist() == [[4, 3], [5, 4], [5, 4]]
    hidden = Hidden(np.array([5]), *np.nonzero(np.eye(3, 6, 4)))
    assert select(scores, hidden, NOBODY, 1).items.tolist() == [[3], [4], [4]]
    assert (scores == np.arange(6.0)).all()


def test_no_user_gets_no_list() -> None:
    assert select(np.zeros((0, 5)), np.zeros((0, 5), bool), np.zeros((0, 2), np.int32), 3).items.shape == (0, 3)


@pytest.mark.parametrize("place", [0, 4, 5])
def test_nan_reaches_the_scores(place: int) -> None:
    scores = np.ones((3, 6), np.float32)
    scores[1, place] = np.nan
    hidden = np.zeros(scores.shape, bool)
    for k in (1, 2, 6):
        assert np.isnan(select(scores, hidden, NOBODY, k).scores).any(axis=1).tolist() == [False, True, False]
    hidden[1, place] = True
    assert not np.isnan(select(scores, hidden, NOBODY, 2).scores).any()


def test_hidden_cells_are_those_of_a_mask() -> None:
    hidden = Hidden(np.array([0, 3]), np.array([1, 1, 2]), np.array([2, 4, 0]))
    assert hidden.mask((3, 5)).astype(int).tolist() == [[1, 0, 0, 1, 0], [1, 0, 1, 1, 1], [1, 0, 0, 1, 0]]
