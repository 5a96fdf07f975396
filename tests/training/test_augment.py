"""Augmentations: what each word draws, by its definition; and the same loss as on a log that was changed by hand."""

import numpy as np
import pytest
from keras import ops

from recmagic.augment import Steps
from recmagic.augment.crop import crop
from recmagic.augment.mask import mask
from recmagic.augment.reorder import reorder
from recmagic.augment.substitute import substitute
from recmagic.errors import SpecError
from recmagic.training.objective import Objective
from tests.compiler.tiny import compiled, data
from tests.training.runs import batches, parts, run

EVERY = ("item = embedding(item_id, 4)\nscore = (history(item, 5) >> TransformerBlock(causal=True)) @ item\n"
         "loss = CategoricalCrossentropy()\nnegatives = catalogue()\n")
ONCE = ("item = embedding(item_id, 4)\nscore = mean(history(item, 5)) @ item\nloss = CategoricalCrossentropy()\n"
        "negatives = catalogue()\n")
ROWS = ("score = embedding(user_id, 4) @ embedding(item_id, 4)\nloss = BinaryCrossentropy()\n"
        "target = at_least(rating, 4)\n")
COUNTS = np.array([0, 1, 2, 5, 9, 10])


def steps(width=10, least=1):
    """Sequences of 0 to 10 steps, two hundred of each, whose item numbers are their places from 1 on."""
    counts = np.repeat(COUNTS, 200)
    place = np.arange(width, dtype=np.int32)
    real = place >= width - counts[:, None]
    order = np.where(real, place, -1).astype(np.int32)
    items = np.where(real, place + 1, 0).astype(np.int32)
    similar = np.tile(np.arange(100, 110, dtype=np.int32), (width + 1, 1))
    return Steps(order, np.zeros_like(order), np.zeros_like(order), items, similar, least), counts


def test_a_mask_hides_a_share_of_the_real_steps():
    made, counts = steps()
    mask(0.3).change(np.random.default_rng(0), made)
    assert not made.blank[~made.real].any()
    assert made.blank.sum() / counts.sum() == pytest.approx(0.3, abs=0.02)


@pytest.mark.parametrize("least", [1, 2])
@pytest.mark.parametrize("share", [0.4, 0.8])  # of two steps, 0.8 would leave one
def test_a_crop_is_a_stretch_at_the_right(share, least):
    made, counts = steps(least=least)
    crop(share).change(np.random.default_rng(0), made)
    firsts = set()
    for row, count in zip(made.order, counts):
        kept = row[row >= 0]
        assert len(kept) == min(count, max(least, int(np.ceil(count * (1 - share)))))
        assert (np.diff(kept) == 1).all() and (row[len(row) - len(kept):] == kept).all()
        assert (kept >= 10 - count).all()
        firsts |= {kept[0]} if count == 10 else set()
    assert firsts == ({0, 1, 2, 3, 4} if share == 0.4 else set(range(9)))  # any stretch of 6, or of 2, of 10


def test_a_reordered_stretch_is_a_permutation_of_what_stood_there():
    made, counts = steps()
    before = made.order.copy()
    reorder(0.5).change(np.random.default_rng(0), made)
    assert (np.sort(made.order, axis=1) == before).all()
    for old, new, count in zip(before, made.order, counts):
        moved = np.flatnonzero(old != new)
        assert not len(moved) or moved.max() - moved.min() < np.ceil(count * 0.5)
    assert (made.order != before)[counts == 10].any(axis=0).all()  # every place is moved now and then


def test_a_substitute_is_one_of_the_similar_items():
    made, counts = steps()
    substitute(0.25).change(np.random.default_rng(0), made)
    assert not made.swaps[~made.real].any()
    assert set(np.unique(made.swaps)) == {0, *range(100, 110)}
    assert (made.swaps > 0).sum() / counts.sum() == pytest.approx(0.25, abs=0.02)


def loss(program, arrays, batch):
    give = [{name: ops.convert_to_tensor(each) for name, each in given.items()} for given in (arrays, batch)]
    return float(Objective(program.cut, program.learning)(*give))


def changed_by_hand(arrays, batch, length, every):
    """The log as the example's augmentation reads it, written into a copy."""
    log, end, user = arrays["log/item"].copy(), int(batch["ends"][0]), int(batch["users"][0])
    order = batch.get("order", np.arange(length + every)[None])[0]
    present = order >= 0
    first = arrays["log/start"][user]
    present &= end - length + order >= first
    for place, step in enumerate(order):
        if present[place]:
            log[end - length + place] = arrays["log/item"][end - length + step]
            if place < length and "blank" in batch and batch["blank"][0, place]:
                log[end - length + place] = 0
            if place < length and "swaps" in batch and batch["swaps"][0, place]:
                log[end - length + place] = batch["swaps"][0, place]
    start = arrays["log/start"].copy()
    start[user] = end - length + (np.flatnonzero(present)[0] if present.any() else length)
    return arrays | {"log/item": log, "log/start": start}


@pytest.mark.parametrize("cell, words", [(EVERY, "crop(0.5), reorder(0.9)"), (ONCE, "crop(0.5), reorder(0.9)"),
                                         (ONCE, "mask(0.5), substitute(0.5)")], ids=["every", "once", "items"])
def test_the_loss_is_that_of_a_log_that_was_changed_by_hand(cell, words):
    program = compiled(cell + f"augment = [{words}]")
    arrays, examples = parts(program, 1)
    plain, differ = compiled(cell), 0
    for mine, theirs in zip(program.cut.variables, plain.cut.variables):
        theirs.assign(np.array(mine))
    every = program.cut.every_step
    for batch in batches(examples, 2)[:24]:
        names = [name for name in ("order", "blank", "swaps") if name in batch]
        without = {name: each for name, each in batch.items() if name not in names}
        by_hand = changed_by_hand(arrays, batch, 5, every)
        if not every:
            without["items"] = batch["items"]  # what is predicted stays what it was
        expected = loss(plain, by_hand, without)
        assert loss(program, arrays, batch) == pytest.approx(expected, rel=1e-5, abs=1e-6)
        differ += abs(expected - loss(plain, arrays, without)) > 1e-6
    assert differ > 3  # a mean does not see an order


def test_no_step_of_a_shuffled_sequence_has_seen_what_it_predicts():
    program = compiled(EVERY + "augment = [reorder(0.9), crop(0.3)]")
    for batch in batches(parts(program, 8)[1], 3):
        for order in batch["order"]:
            real = order[order >= 0]
            assert len(set(real)) == len(real)  # the newest input at place t is order[t], its target order[t + 1]


def test_similar_items_are_had_by_the_same_users():
    program = compiled(ONCE + "augment = [substitute(0.3)]")
    similar = parts(program, 8)[1].augment.similar
    have = data().interactions.seen(["train"]).astype(float).toarray()
    both, length = have.T @ have, np.sqrt(have.sum(axis=0))
    cosine = both / (np.outer(length, length) + 10.0)
    np.fill_diagonal(cosine, -1)
    for item in np.flatnonzero(length):
        found = similar[item][similar[item] > 0]
        np.testing.assert_allclose(np.sort(cosine[item, found])[::-1], np.sort(cosine[item])[::-1][: len(found)])
        assert item not in found


def test_mixed_rows_have_mixed_vectors_and_both_losses():
    program = compiled(ROWS + "augment = [mixup(0.4)]")
    arrays, examples = parts(program, 6)
    batch = batches(examples, 1)[0]
    users, items = (np.array(ops.convert_to_numpy(layer.embeddings)) for layer in program.build.layers["score"])
    user, item = users[batch["users"]], items[batch["items"]]
    share, partner = batch["share"][:, None].astype(float), batch["partner"]
    scores = ((share * user + (1 - share) * user[partner]) * (share * item + (1 - share) * item[partner])).sum(axis=1)
    labels = arrays["log/target"][batch["ends"]]

    def crossentropy(label):
        return np.logaddexp(0, scores) - label * scores

    share = share[:, 0]
    expected = np.mean(share * crossentropy(labels) + (1 - share) * crossentropy(labels[partner]))
    assert loss(program, arrays, batch) == pytest.approx(expected, rel=1e-5)
    assert sorted(partner) == list(range(6)) and 0 < share.min() < share.max() < 1


@pytest.mark.parametrize("cell", [EVERY + "augment = [crop(0.2), mask(0.2), reorder(0.2), substitute(0.2)]",
                                  ONCE + "augment = [mask(0.2)]", ROWS + "augment = [mixup(0.2)]"],
                         ids=["every", "once", "rows"])
def test_a_run_learns_and_repeats_itself(cell):
    first, second = (run(compiled(cell + "optimizer = Adam(0.02)\n" if cell.endswith("\n") else
                                  cell + "\noptimizer = Adam(0.02)"), 6, 8) for _ in range(2))
    assert first == second
    assert first[-1] < first[0]


@pytest.mark.parametrize("cell, said", [
    (ONCE + "augment = [mixup(0.2)]", "ranks items"),
    (ROWS + "augment = [crop(0.2)]", "the score has none"),
    (ONCE.replace("mean(history(item, 5))", "(mean(history(item, 5)) + mean(history(item, 3)))")
     + "augment = [crop(0.2)]", "several lengths"),
    (ONCE + "augment = [crop(1.5)]", "between 0 and 1"),
    (ROWS + "augment = [mixup(0)]", "above 0"),
    (EVERY.replace("TransformerBlock(causal=True)", "TransformerBlock()") + "target = masked_item(0.2)\n"
     "augment = [mask(0.2)]", "one score"),
], ids=["mixup of a ranking", "no history", "two lengths", "rate", "alpha", "masked"])
def test_what_has_nothing_to_work_on_is_refused(cell, said):
    with pytest.raises(SpecError, match=said) as caught:
        compiled(cell)
    assert "^" in str(caught.value)
