"""Which weights are a user's own, and which everybody shares."""

import numpy as np
import pytest

from recmagic.compiler.own_rows import OwnRows, mixed_readers
from tests.compiler.tiny import compiled

ITEM = " @ embedding(item_id, 4)\nloss = BPR()"
CELLS = {  # the cell, how wide each table of users' own rows is, and the shapes of what is shared
    "factors": ("score = embedding(user_id, 4)" + ITEM, [4], [(16, 4)]),
    "biases": ("score = embedding(user_id, 4, l2=0.1) @ embedding(item_id, 4) + bias(user_id) + bias(item_id)\n"
               "loss = BPR()", [1, 4], [(16, 1), (16, 4)]),
    "dropped": ("score = embedding(user_id, 4, unknown=0.2)" + ITEM, [4], [(1, 4), (17, 4)]),
    "low rank": ("score = embedding(user_id, 4, rank=2)" + ITEM, [2], [(2, 4), (16, 4)]),
    "features": ("user = concat(embedding(user_id, 2), embedding(country, 2))\nscore = user" + ITEM, [2],
                 [(3, 2), (16, 4)]),
    "dense": ("score = (embedding(user_id, 4) >> Dense(4))" + ITEM, [4], [(4,), (4, 4), (16, 4)]),
    "no user": ("score = mean(history(embedding(item_id, 4), 3))" + ITEM, [], [(16, 4), (16, 4)]),
}


@pytest.mark.parametrize("name", CELLS)
def test_a_users_own_rows_are_those_that_only_their_id_looks_up(name):
    cell, widths, shapes = CELLS[name]
    program = compiled(cell)
    parts, cut = OwnRows(program), program.cut
    values = [np.array(each.numpy()) for each in [*cut.trainable_variables, *cut.non_trainable_variables]]
    assert sorted(values[place].shape[1] for place in parts.tables) == widths
    assert sorted(each.shape for each in parts.shared(values).values()) == shapes
    assert not mixed_readers(cut)


def test_what_is_put_together_again_is_what_it_was():
    program = compiled(CELLS["dropped"][0])
    parts, cut = OwnRows(program), program.cut
    values = [np.array(each.numpy()) for each in [*cut.trainable_variables, *cut.non_trainable_variables]]
    rows = np.array([3, 5], np.int32)
    changed = parts.put([np.zeros_like(each) for each in values], parts.shared(values), parts.own(values, rows), rows)
    table, = parts.tables
    expected = np.zeros_like(values[table])
    expected[[0, 3, 5]] = values[table][[0, 3, 5]]
    np.testing.assert_array_equal(changed[table], expected)
    for place in set(range(len(values))) - {table, *parts.seeds}:
        np.testing.assert_array_equal(changed[place], values[place])


def test_a_table_whose_rows_several_ids_share_is_told():
    assert len(mixed_readers(compiled("score = embedding(user_id, 4, hashed=5)" + ITEM).cut)) == 2
