"""A log in shards: the same examples, whole users, and nothing that depends on which shard is read when."""

import numpy as np
import pytest

from recmagic.data.shards import Shards
from recmagic.errors import TrainingError
from recmagic.model import Model
from recmagic.training.examples import training_arrays
from recmagic.training.sampler import TRIES
from recmagic.training.sharding import sharded
from tests.compiler.tiny import compiled, data

FACTORS = "score = embedding(user_id, 4) @ embedding(item_id, 4)\nloss = BPR()\nnegatives = uniform(2)"
PAST = "item = embedding(item_id, 4)\nscore = mean(history(item, 3)) @ item\nloss = BPR()\nnegatives = uniform(1)"
SMALL = 3_000  # bytes: several shards of the tiny log


def test_arrays_come_back_as_they_were(tmp_path):
    random = np.random.default_rng(0)
    stretches = [{"log/user": np.sort(random.integers(0, 9, n)).astype(np.int32),
                  "log/odd 'name'": random.normal(size=n).astype(np.float32),
                  "log/genres": random.integers(0, 9, (n, 3)).astype(np.int32)} for n in (5, 1)]
    shards = Shards(tmp_path)
    for stretch in stretches:
        shards.append(stretch)
    for number, stretch in enumerate(stretches):
        found = shards.read(number)
        assert list(found) == list(stretch)
        for name, array in stretch.items():
            assert found[name].dtype == array.dtype
            np.testing.assert_array_equal(found[name], array)


@pytest.mark.parametrize("cell", [FACTORS, PAST])
def test_every_example_comes_at_most_once_with_its_own_users_past(cell, tmp_path):
    program = compiled(cell)
    examples = sharded(program, 8, SMALL, str(tmp_path))
    assert examples.shards.count > 2
    whole = training_arrays(program.cut, program.learning, program.data)
    pairs, seen = list(zip(whole["log/user"].tolist(), whole["log/item"].tolist())), []
    for block in examples.blocks(np.random.default_rng(0)):
        assert block.batch == 8 and block.log is not None
        for step in range(block.steps):
            ends = block.batches["ends"][step]
            users, items = block.log["log/user"][ends], block.log["log/item"][ends]
            for user, end in zip(users, ends):
                start, stop = block.log["log/start"][user], block.log["log/stop"][user]
                assert start <= end < stop
                past = block.log["log/item"][start:stop].tolist()
                assert past == whole["log/item"][whole["log/start"][user] : whole["log/stop"][user]].tolist()
                taken = {each for one, each in pairs if one == user}
                if len(taken) < program.data.items.count - TRIES:
                    assert not taken & set(block.batches["negatives"][step].ravel().tolist())
            seen += list(zip(users.tolist(), items.tolist()))
    assert len(seen) == len(set(seen)) == examples.example_count <= set(pairs).__len__()
    assert set(seen) <= set(pairs) and len(seen) > 0.8 * len(pairs)


def test_the_same_seed_gives_the_same_batches(tmp_path):
    examples = sharded(compiled(FACTORS), 8, SMALL, str(tmp_path))
    first, again = ([each.batches["negatives"].tobytes() for each in examples.blocks(np.random.default_rng(3))]
                    for _ in range(2))
    assert first == again
    assert first != [each.batches["negatives"].tobytes() for each in examples.blocks(np.random.default_rng(4))]


@pytest.mark.parametrize("cell", [FACTORS, PAST])
def test_a_model_learns_from_shards_as_well(cell):
    model = Model.read(cell + "\noptimizer = Adam(0.05)", data(), name="mine")
    losses = [row["loss"] for row in model.train(epochs=12, batch=8, memory=SMALL, patience=None).epochs]
    assert losses[-1] < 0.9 * losses[0]
    assert len(model.history.epochs) == 12 and model.recommend([1], k=3).df.shape[0] == 3
    whole = [row["loss"] for row in model.train(epochs=12, batch=8, patience=None).epochs]
    assert losses[-1] == pytest.approx(whole[-1], rel=0.5)


def test_what_shards_cannot_do_is_refused():
    model = Model.read(FACTORS, data(), name="mine")
    with pytest.raises(TrainingError, match="one step cannot see all examples"):
        model.train(batch="all", memory=SMALL)
    with pytest.raises(TrainingError, match="No shard of so little memory holds a batch"):
        model.train(batch=150, memory=SMALL)
    in_order = Model.read(FACTORS.split("\n")[0] + "\nloss = ListMLE()", data(), name="mine")
    with pytest.raises(TrainingError, match="cannot be dealt into lists from shards"):
        in_order.train(memory=SMALL)
