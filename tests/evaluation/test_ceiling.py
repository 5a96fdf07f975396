"""The ceiling ranks by what the simulation knows at the moment of the split, and stands only where there is one."""

from __future__ import annotations

import numpy as np
import pytest

from recmagic.data.dataset import Dataset
from recmagic.evaluation.ceiling import Ceiling
from recmagic.evaluation.evaluate import evaluate


@pytest.mark.parametrize(
    ("split", "on", "expected"),
    [("time", "valid", 0.395), ("time", "test", 0.405), ("last", "valid", 0.345), ("last", "test", 0.355)],
)
def test_the_ceiling_knows_what_was_seen_before_the_part_and_no_more(split: str, on: str, expected: float) -> None:
    data = Dataset.load("films", split=split)
    found = evaluate(Ceiling(data, on), data, on=on, metrics=["ndcg"]).means["ndcg@10"]
    assert found == pytest.approx(expected, abs=0.002)


def test_a_users_own_rows_give_the_moment_of_the_split_last() -> None:
    data = Dataset.load("films", split="last")
    ceiling, events = Ceiling(data, "test"), data.interactions
    for user in (1, 2, 500):
        own = events.timestamp[(events.user_row == user) & (events.part == 2)]
        if len(own):
            assert (ceiling.first[user], ceiling.last[user]) == (own.min(), own.max())
    assert np.isfinite(ceiling.first).all()


def test_a_random_split_has_no_moment_and_so_no_ceiling() -> None:
    assert not Ceiling.known(Dataset.load("films", split="random"))
