"""Examples that a cell makes up: judged by numpy over the same data, and by imbalanced-learn's own result."""

import sys
import tracemalloc

import numpy as np
import pytest

from recmagic import Model
from recmagic.augment import Labels
from recmagic.errors import SpecError, TrainingError
from recmagic.scorers.ease import EASE
from recmagic.scorers.item_knn import ItemKNN
from recmagic.training.examples import training_arrays
from recmagic.training.oversampling import between
from recmagic.training.pseudo_labels import positives
from tests.compiler.tiny import compiled, data
from tests.training.runs import batches, parts, run
from tests.training.test_augment import loss

FACTORS = "score = embedding(user_id, 4) @ embedding(item_id, 4)\nloss = BPR()\nnegatives = uniform(3)\n"
LIKELY = FACTORS + "augment = [pseudo_labels(EASE(5.0), items=12, users=9)]"
TABLE = ("x = concat(number(minutes), number(age), number(price), embedding(device, 2), embedding(genres, 2), "
         "embedding(user_id, 3))\nscore = x >> Dense(4) >> Dense(1)\ntarget = at_least(rating, 5)\n")
WORDS = "score = {} @ embedding(item_id, 4)\n".format


@pytest.fixture
def library():
    return pytest.importorskip("imblearn.over_sampling", reason="the extra 'imbalanced' is not installed here")


def by_hand(items, users):
    """The pairs that are likely by EASE, from dense matrices."""
    events = data().interactions
    train = (events.part == 0) & events.positive
    have = np.zeros(events.shape)
    have[events.user_row[train], events.item_row[train]] = 1
    warm = np.flatnonzero(have.any(axis=0))
    inverse = np.linalg.inv(have[:, warm].T @ have[:, warm] + 5 * np.eye(len(warm)))
    weights = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0)
    scores = have[:, warm] @ weights
    standing = np.full(have.shape, -np.inf)
    standing[:, warm] = (scores - scores.mean(axis=1, keepdims=True)) / scores.std(axis=1, keepdims=True).clip(1e-12)
    standing[events.seen(["train"]).toarray() > 0] = -np.inf
    standing[~have.any(axis=1)] = -np.inf
    found = set()
    for item in warm:
        best = np.argsort(-standing[:, item])[: max(0, items - int(have[:, item].sum()))]
        found |= {(int(user), int(item)) for user in best if standing[user, item] > 0}
    for user in np.flatnonzero(have.any(axis=1)):
        best = np.argsort(-standing[user])[: max(0, users - int(have[user].sum()))]
        found |= {(int(user), int(item)) for item in best if standing[user, item] > 0}
    return found


@pytest.mark.parametrize("items, users", [(12, 0), (0, 9), (12, 9)])
@pytest.mark.parametrize("block", [256, 5])
def test_likely_positives_are_those_of_the_paper_by_hand(items, users, block, monkeypatch):
    monkeypatch.setattr("recmagic.training.pseudo_labels.BLOCK", block)
    arrays, plain = parts(compiled(FACTORS), 8)
    made = positives(Labels(EASE(5.0), items, users), data(), plain.examples, plain.users, plain.items, 0)
    pairs = [*zip(made.users.tolist(), made.items.tolist())]
    assert len(set(pairs)) == len(pairs) > 10 and set(pairs) == by_hand(items, users)
    np.testing.assert_array_equal(arrays["log/user"][made.ends], made.users)  # they stand where their user has been
    assert set(made.ends) <= set(plain.examples)


def test_likely_positives_are_examples_and_never_negatives():
    arrays, plain = parts(compiled(FACTORS), 8)
    _, examples = parts(compiled(LIKELY), 8)
    likely = by_hand(12, 9)
    assert examples.example_count == plain.example_count + len(likely)
    seen = set()
    for batch in batches(examples, 3):
        for user, item, end, drawn in zip(*(batch[name] for name in ("users", "items", "ends", "negatives"))):
            if arrays["log/item"][end] != item:
                seen.add((int(user), int(item)))
            assert not {(int(user), int(each)) for each in drawn} & likely
    assert seen == likely


def test_the_seed_chooses_the_situations_and_not_the_pairs():
    _, plain = parts(compiled(FACTORS), 8)
    first, again, other = (positives(Labels(ItemKNN(), 12, 0), data(), plain.examples, plain.users, plain.items, seed)
                           for seed in (1, 1, 2))
    for name in ("users", "items"):
        np.testing.assert_array_equal(getattr(first, name), getattr(other, name))
    np.testing.assert_array_equal(first.ends, again.ends)
    assert (first.ends != other.ends).any()


def test_nobody_else_sees_what_was_made_up():
    model, plain = (Model.read(cell, data(), name="m") for cell in (LIKELY, FACTORS))
    before = data().interactions.seen(["train", "valid"]).toarray()
    model.train(epochs=1)
    plain.train(epochs=1)
    np.testing.assert_array_equal(model.data.interactions.seen(["train", "valid"]).toarray(), before)
    lists = model.recommend(list(range(24)), k=16).df
    shown = {*zip(data().users.rows(lists["user_id"]).tolist(), data().items.rows(lists["item_id"]).tolist())}
    assert shown & by_hand(12, 9), "what was made up is not hidden"
    assert model.evaluate().counts == plain.evaluate().counts


def test_logq_counts_what_batches_hold():
    cell = FACTORS.replace("BPR()", "CategoricalCrossentropy()").replace("uniform(3)", "in_batch()")
    arrays, examples = parts(compiled(cell + "augment = [pseudo_labels(EASE(5.0), items=12)]"), 8)
    counts = np.bincount(examples.items, minlength=17)
    warm = counts > 0
    np.testing.assert_allclose(arrays["item/log_probability"][warm], np.log(counts[warm] / counts.sum()), rtol=1e-5)
    plain = parts(compiled(cell), 8)[0]["item/log_probability"]
    assert (arrays["item/log_probability"] != plain)[warm].any()


def columns(count=60):
    random = np.random.default_rng(3)
    return {"user/age": random.normal(0, 1, count).astype(np.float32), "item/id": random.integers(1, 9, count),
            "log/minutes": random.normal(0, 2, count).astype(np.float32), "log/device": random.integers(0, 3, count)}


def test_numbers_between_two_rows_are_those_of_the_library(library):
    given = columns()
    made = between(given, 200, 4, seed=7)
    table = np.column_stack([given[name] for name in ("user/age", "log/minutes", "item/id", "log/device")])
    table = np.concatenate([table, np.zeros((260, 4))])
    judge = library.SMOTENC([2, 3], random_state=7, k_neighbors=4)
    expected, _ = judge.fit_resample(table, np.r_[np.ones(60, int), np.zeros(260, int)])
    for place, name in enumerate(("user/age", "log/minutes")):
        np.testing.assert_allclose(made[name], expected[320:, place], rtol=1e-6, atol=1e-7)


def test_codes_are_those_of_the_nearer_of_the_two_rows(library):
    given = columns()
    made, random = between(given, 200, 4, seed=7), np.random.RandomState(7)
    drawn, share = random.randint(0, 240, 200), random.uniform(size=200)  # as the library draws them
    first = drawn // 4
    for name in ("item/id", "log/device"):
        np.testing.assert_array_equal(made[name][share < 0.5], given[name][first[share < 0.5]])
    moved = (made["user/age"] - given["user/age"][first])[share > 0.5]
    ends = given["user/age"][first[share > 0.5]] + moved / share[share > 0.5]
    other = [int(np.argmin(abs(given["user/age"] - end))) for end in ends]
    np.testing.assert_array_equal(made["item/id"][share > 0.5], given["item/id"][other])


def test_made_rows_even_out_the_classes_and_are_rows_of_the_arrays(library):
    program = compiled(TABLE + "augment = [smote(0.8, 3)]")
    plain = training_arrays(program.cut, program.learning, program.data)
    arrays, examples = parts(program, 8)
    before, after = (each["log/target"][each["log/example"] > 0] for each in (plain, arrays))
    assert (after == 1).sum() == int(0.8 * (before == 0).sum()) and (after == 0).sum() == (before == 0).sum()
    count = len(after) - len(before)
    rows = arrays["log/user"][-count:]
    np.testing.assert_array_equal(rows, np.arange(25, 25 + count))
    ids, countries = arrays["user/user_id"], {*zip(plain["user/user_id"], plain["user/age"])}
    assert set(ids[rows]) <= set(plain["user/user_id"]) and {*zip(ids[rows], arrays["user/age"][rows])} - countries
    assert set(examples.items[-count:]) == set(arrays["log/item"][-count:])
    for name, each in plain.items():
        np.testing.assert_array_equal(arrays[name][: len(each)], each)


TOWERS = """user = concat(number(age), embedding(country, 2)) >> Dense(4, relu)
item = concat(number(price), embedding(genres, 2)) >> Dense(4)
score = user @ item
loss = BinaryCrossentropy()
target = at_least(rating, 5)
"""


@pytest.mark.parametrize("cell", [pytest.param(TABLE, marks=pytest.mark.slow), TOWERS], ids=["head", "towers"])
def test_the_loss_of_many_rows_is_the_mean_of_each_alone(cell, library):
    """A tower of items that is computed once for all of them knows the made ones too."""
    program = compiled(cell + "augment = [smote()]")
    arrays, examples = parts(program, 40)
    batch = batches(examples, 1)[0]
    alone = [loss(program, arrays, {name: each[[row]] for name, each in batch.items()}) for row in range(40)]
    assert (batch["items"] > 16).any() and np.std(alone) > 1e-3
    assert loss(program, arrays, batch) == pytest.approx(np.mean(alone), rel=1e-5)


@pytest.mark.parametrize("cell", [LIKELY, pytest.param(TABLE + "augment = [smote()]", marks=pytest.mark.slow)],
                         ids=["likely", "between"])
def test_a_run_learns_and_repeats_itself(cell, request):
    if "smote" in cell:
        request.getfixturevalue("library")
    first, second = (run(compiled(cell + "\noptimizer = Adam(0.02)"), 6, 16) for _ in range(2))
    assert first == second and first[-1] < first[0]


def test_without_the_library_the_error_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "imblearn.over_sampling", None)
    with pytest.raises(TrainingError, match=r'pip install "recmagic\[imbalanced\]"'):
        Model.read(TABLE + "augment = [smote()]", data(), name="m").train(epochs=1)


@pytest.mark.parametrize("word, said", [("smote(0.1)", "no row to make"), ("smote(neighbours=99)", "99 neighbours")])
def test_what_the_rows_do_not_allow_is_told_in_words(word, said):
    with pytest.raises(TrainingError, match=said):
        Model.read(TABLE + f"augment = [{word}]", data(), name="m").train(epochs=1)


def test_shards_are_refused():
    with pytest.raises(TrainingError, match="made of the whole log"):
        Model.read(LIKELY, data(), name="m").train(epochs=1, memory=10**5)


ITEM = "item = embedding(item_id, 4)\n"


@pytest.mark.parametrize("cell, said", [
    (FACTORS + "augment = [smote()]", "ranks items"),
    ("score = number(age) + bias(item_id)\nloss = MeanSquaredError()\naugment = [smote()]", "predicts a number"),
    (ITEM + "score = concat(mean(history(item, 3)), item, number(price)) >> Dense(1)\ntarget = at_least(rating, 4)\n"
     "augment = [smote()]", "has no history"),
    ("score = bias(user_id) + bias(item_id)\ntarget = at_least(rating, 4)\naugment = [smote()]", "reads none"),
    (TABLE + "weights = balanced()\naugment = [smote()]", "weights would do so again"),
    (TABLE + "augment = [smote(2.0)]", "at most 1"),
    (TABLE + "augment = [smote(neighbours=0)]", "from 1 up"),
    (TABLE + "augment = [pseudo_labels(EASE(), items=3)]", "predicts a target"),
    (ITEM + "score = (history(item, 3) >> GRU(4, return_sequences=True)) @ item\nloss = BPR()\n"
     "augment = [pseudo_labels(EASE(), items=3)]", "no place in a sequence"),
    (LIKELY + "\nweights = balanced(item_id)", "no weight of its own"),
    (FACTORS + "augment = [pseudo_labels(EASE())]", "makes none"),
    (FACTORS + "augment = [pseudo_labels(EASE(), items=-1)]", "from 0 up"),
    (FACTORS + "augment = [pseudo_labels(32, items=3)]", "a model that is solved at once"),
    (FACTORS + "augment = [pseudo_labels(Dense(3), items=3)]", "a model that is solved at once"),
])
def test_what_makes_no_sense_is_refused_at_its_place(cell, said):
    with pytest.raises(SpecError, match=said) as caught:
        compiled(cell)
    assert "^" in str(caught.value)


def test_neighbours_are_looked_for_in_little_memory():
    pytest.importorskip("imblearn")
    random = np.random.default_rng(0)
    values = {"log/a": random.normal(size=7000).astype(np.float32), "user/b": random.integers(0, 9, 7000)}
    tracemalloc.start()
    try:
        between(values, 10, 2, seed=0)
        assert tracemalloc.get_traced_memory()[1] < 300e6  # all distances at once are 392 MB
    finally:
        tracemalloc.stop()
