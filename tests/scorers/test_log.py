"""A log holds the positives of some parts, and nothing of the others."""

import numpy as np

from recmagic.scorers import Log
from tests.evaluation.conformance import small_data
from tests.scorers.logs import log_of


def test_it_holds_the_positives_of_the_parts_asked_for():
    data = small_data(positive="rating >= 4")
    events = data.interactions
    log = Log.of(events, (0, 1))
    chosen = (events.part < 2) & (events.rating >= 4)
    np.testing.assert_array_equal(log.item_row, events.item_row[chosen])
    np.testing.assert_array_equal(log.user_row, events.user_row[chosen])
    np.testing.assert_array_equal(log.timestamp, events.timestamp[chosen])
    assert 0 < chosen.sum() < (events.part < 2).sum() and log.shape == (41, 26)


def test_what_is_taken_twice_counts_twice_and_is_had_once():
    log = log_of([1, 2, 1], [2], items=3)
    assert log.counts.tolist() == [0, 2, 2, 0]
    np.testing.assert_array_equal(log.matrix.toarray(), [[0, 0, 0, 0], [0, 1, 1, 0], [0, 0, 1, 0]])
