"""Who is in a private batch: each unit independently, with a user's own rows, and nobody else's."""

import numpy as np
import pytest

from recmagic.privacy import Privacy
from tests.compiler.tiny import ITEMS, compiled, data
from tests.privacy.units import prepared

CELL = """score = embedding(user_id, 4) @ embedding(item_id, 4)
loss = BPR()
negatives = uniform(3)
"""


def blocks(made, epochs, seed=0):
    rng = np.random.default_rng(seed)
    return [block for _ in range(epochs) for block in made.examples.blocks(rng)]


def test_units_are_drawn_independently_at_their_rate():
    units = prepared(compiled(CELL), batch=6).examples
    users = np.unique(units.plain.users)
    drawn = np.array([np.isin(users, block.batches["users"][step][block.batches["present"][step] > 0])
                      for block in blocks(prepared(compiled(CELL), batch=6), 500) for step in range(block.steps)])
    n, rate = drawn.shape[0], units.rate
    assert units.unit_count == len(users) == 24 and rate == 0.25 and n == 2000
    deviation = np.sqrt(rate * (1 - rate) / n)
    assert np.all(np.abs(drawn.mean(axis=0) - rate) < 4.5 * deviation)
    sizes = drawn.sum(axis=1)  # binomial, as no shuffled batches of one size would be
    assert sizes.mean() == pytest.approx(6, abs=0.25) and sizes.var() == pytest.approx(24 * rate * (1 - rate), rel=0.15)
    together = np.corrcoef(drawn.T)[~np.eye(24, dtype=bool)]
    assert np.abs(together).max() < 6 / np.sqrt(n)


def test_a_unit_holds_its_users_rows_alone_and_each_of_them_once():
    made = prepared(compiled(CELL), Privacy(epsilon=1, rows=5))
    log, seen = made.arrays, set()
    for block in blocks(made, 20):
        batch = {name: each.reshape(-1, *each.shape[2:]) for name, each in block.batches.items()}
        for place in np.flatnonzero(batch["present"]):
            real = batch["real"][place] > 0
            ends, users = batch["ends"][place][real], batch["users"][place]
            assert len(set(users)) == 1 and len(set(ends)) == len(ends) == 5
            assert set(log["log/user"][ends]) == set(users)
            np.testing.assert_array_equal(log["log/item"][ends], batch["items"][place][real])
            seen |= set(ends)
            own = set(log["log/item"][log["log/user"] == users[0]])
            assert not own & set(batch["negatives"][place].ravel())
    assert seen == set(made.examples.plain.examples)


def test_a_user_with_few_rows_has_no_row_twice():
    made = prepared(compiled(CELL, data(positive="rating >= 5")), Privacy(epsilon=1, rows=7))
    counts = np.bincount(made.examples.plain.users)
    assert made.examples.rows == min(7, counts.max()) and counts[counts > 0].min() < made.examples.rows
    block = blocks(made, 1)[0].batches
    real = block["real"][0].sum(axis=1)
    np.testing.assert_array_equal(real, np.minimum(counts[block["users"][0][:, 0]], made.examples.rows))


def test_an_interaction_alone_is_a_unit_and_its_negatives_tell_nothing_of_the_others():
    made = prepared(compiled(CELL), Privacy(epsilon=1, unit="interaction"))
    batches = [block.batches for block in blocks(made, 40)]
    assert made.examples.unit_count == len(made.examples.plain.examples)
    items = np.concatenate([batch["items"].reshape(-1) for batch in batches])
    negatives = np.concatenate([batch["negatives"].reshape(-1, 3) for batch in batches])
    assert not (items[:, None] == negatives).any()
    others = np.bincount(negatives[items == items[0]].ravel(), minlength=ITEMS + 1)[1:]
    assert (others > 0).sum() == ITEMS - 1  # what else the user has is drawn too


def test_a_batch_has_room_for_whoever_is_drawn():
    made = prepared(compiled(CELL), batch=1)
    made.examples.at_once = 5
    most = max(int(block.batches["present"].sum(axis=1).max()) for block in blocks(made, 300))
    assert most > 3
    assert all(block.batches["present"].shape[1] % 5 == 0 for block in blocks(made, 3))
