"""The batches of an epoch: every example once, negatives that the user does not have, drawn as they should be."""

import numpy as np
import pytest

from recmagic.negatives.popular import popular
from recmagic.negatives.uniform import uniform
from recmagic.training import sampler as module
from recmagic.training.sampler import Candidates, Sampler, Taken
from tests.compiler.tiny import compiled
from tests.training.runs import parts

USERS, ITEMS, COLD = 12, 20, (5, 17)


def log(seed=0):
    """Users and items of a training log; user 12 has every warm item."""
    random = np.random.default_rng(seed)
    warm = np.setdiff1d(np.arange(1, ITEMS + 1), COLD)
    pairs = [(user, item) for user in range(1, USERS) for item in random.choice(warm, 6, replace=False)]
    pairs += [(USERS, item) for item in warm]
    users, items = np.array(sorted(pairs), np.int32).T
    return users, items, warm.astype(np.int32)


def candidates(negatives, **options):
    users, items, warm = log()
    counts = np.bincount(items, minlength=ITEMS + 1)[warm].astype(float)
    return Candidates(negatives, warm, counts, Taken(users, items, USERS, ITEMS))


def sampler(batch=10, negatives=None, steps=1):
    users, _, _ = log()
    drawn = candidates(negatives) if negatives else None
    return Sampler(np.arange(len(users), dtype=np.int32), users, batch, steps, drawn)


def batches(sampler, seed=0):
    for block in sampler.blocks(np.random.default_rng(seed)):
        for step in range(block.steps):
            yield {name: array[step] for name, array in block.batches.items()}


@pytest.mark.parametrize("batch", [1, 7, 10, 84, 10_000])
def test_each_example_comes_once_an_epoch(batch):
    made = sampler(min(batch, 84))
    sizes = [len(each["ends"]) for each in batches(made)]
    assert len(sizes) == made.steps_per_epoch
    assert set(sizes[:-1]) <= {made.batch} and sum(sizes) == len(made.examples)
    assert sorted(np.concatenate([each["ends"] for each in batches(made)])) == list(range(len(made.examples)))


def test_each_epoch_has_its_own_order():
    random, made = np.random.default_rng(0), sampler()
    first, second = ([end for block in made.blocks(random) for end in block.batches["ends"].ravel()] for _ in range(2))
    assert first != second


def test_the_seed_alone_decides_what_is_drawn():
    ours, same, other = (list(batches(sampler(negatives=uniform(2)), seed)) for seed in (1, 1, 2))
    assert all((a["ends"] == b["ends"]).all() and (a["negatives"] == b["negatives"]).all() for a, b in zip(ours, same))
    assert any((a["negatives"] != b["negatives"]).any() for a, b in zip(ours, other))


def test_the_size_of_a_block_is_bounded_and_changes_no_order(monkeypatch):
    whole = np.concatenate([each["ends"] for each in batches(sampler())])
    monkeypatch.setattr(module, "BLOCK_STEPS", 3)
    blocks = list(sampler().blocks(np.random.default_rng(0)))
    assert [block.steps for block in blocks] == [3, 3, 2, 1]
    assert [len(block.batches["ends"]) for block in blocks] == [3, 3, 3, 1]  # one shape, but for the short batch
    assert (np.concatenate([each["ends"] for each in batches(sampler())]) == whole).all()


@pytest.mark.parametrize("negatives", [uniform(5), popular(5)], ids=["uniform", "popular"])
def test_a_negative_is_warm_and_not_the_users(negatives):
    users, items, warm = log()
    has = {user: set(items[users == user]) for user in range(1, USERS + 1)}
    made = sampler(negatives=negatives)
    for batch in batches(made):
        assert batch["negatives"].shape == (len(batch["ends"]), 5)
        for end, drawn in zip(batch["ends"], batch["negatives"]):
            assert set(drawn) <= set(warm)
            assert users[end] == USERS or not has[users[end]] & set(drawn)


def test_every_step_of_an_example_has_negatives_of_its_user():
    users, items, _ = log()
    for batch in batches(sampler(negatives=uniform(2), steps=3)):
        assert batch["negatives"].shape == (3 * len(batch["ends"]), 2)
        for place, end in enumerate(batch["ends"]):
            mine = batch["negatives"][3 * place : 3 * place + 3].ravel()
            assert users[end] == USERS or not set(mine) & set(items[users == users[end]])


@pytest.mark.parametrize("power", [0.0, 0.75, 1.0])
def test_draws_follow_the_counts_to_the_power(power):
    users, items, warm = log()
    made = candidates(popular(1, power) if power else uniform(1))
    user, size = 3, 20_000
    drawn = made.draw(np.random.default_rng(5), np.full(size, user, np.int32)).ravel()
    free = np.setdiff1d(warm, items[users == user])
    weights = np.array([np.sum(items == item) for item in free]) ** power
    expected = size * weights / weights.sum()
    found = np.array([(drawn == item).sum() for item in free])
    assert found.sum() == size
    assert np.sum((found - expected) ** 2 / expected) < 40  # 11 degrees of freedom: 40 is past the .9999 quantile


def test_who_has_everything_gets_something_all_the_same():
    _, _, warm = log()
    drawn = candidates(uniform(4)).draw(np.random.default_rng(0), np.full(3, USERS, np.int32))
    assert drawn.shape == (3, 4) and np.isin(drawn, warm).all()


def test_the_bitmap_and_the_sorted_pairs_agree(monkeypatch):
    users, items, _ = log()
    bitmap = Taken(users, items, USERS, ITEMS)
    monkeypatch.setattr(module, "BITMAP_BYTES", 0)
    pairs = Taken(users, items, USERS, ITEMS)
    assert bitmap.bits is not None and pairs.bits is None
    every_user, every_item = (each.ravel().astype(np.int32) for each in np.indices((USERS + 1, ITEMS + 1)))
    expected = np.zeros((USERS + 1, ITEMS + 1), bool)
    expected[users, items] = True
    np.testing.assert_array_equal(bitmap(every_user, every_item), expected.ravel())
    np.testing.assert_array_equal(pairs(every_user, every_item), expected.ravel())


def test_shared_negatives_are_drawn_once_a_batch_from_the_whole_catalogue():
    program = compiled("score = embedding(user_id, 4) @ embedding(item_id, 4)\nnegatives = popular(6, shared=True)")
    _, examples = parts(program, 32)
    blocks = list(examples.blocks(np.random.default_rng(0)))
    drawn = np.concatenate([block.batches["negatives"][: block.steps] for block in blocks])
    assert drawn.shape == (examples.steps_per_epoch, 6) and drawn.min() >= 1
    assert len({row.tobytes() for row in drawn}) == len(drawn)
