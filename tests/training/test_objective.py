"""What a step minimises, against plain loops: over pairs, over users and their steps, over the rows looked up."""

import numpy as np
import pytest

from tests.compiler.tiny import compiled
from tests.training.runs import batches, objective, parts

FACTORS = "score = embedding(user_id, 4) @ embedding(item_id, 4) + bias(item_id)\n"
MIXED = "user = embedding(user_id, 4)\nitem = embedding(item_id, 4)\nscore = concat(user * item, user) >> Dense(1)\n"
LENGTH = 9  # longer than any past, so that there are padded steps
STEPS = f"""item = embedding(item_id, 4)
past = history(item, {LENGTH}) >> GRU(4, return_sequences=True)
score = past @ item
"""
MIXED_STEPS = f"""item = embedding(item_id, 4)
past = history(item, {LENGTH}) >> GRU(4, return_sequences=True)
score = concat(past * item, past) >> Dense(1)
"""


def shaken(cell, **options):
    """A compiled cell whose weights are large enough to tell; row 0 of the tables too, which must not matter."""
    program = compiled(cell, **options)
    random = np.random.default_rng(1)
    for variable in sorted(program.cut.trainable_variables, key=lambda each: each.path):
        variable.assign(random.normal(0, 0.7, variable.shape))
    return program


def weights(program):
    return {variable.path: np.asarray(variable, np.float64) for variable in program.cut.trainable_variables}


def one_batch(program, batch=24):
    _, examples = parts(program, batch)
    return batches(examples, 1)[0]


def log(program):
    """User and item rows of the training log; the tiny data has no cold ids, so rows are codes."""
    arrays, _ = parts(program, 24)
    return arrays["log/user"], arrays["log/item"]


def score(program, cell):
    """Return a function of one pair's score by the weights, for user vectors or rows."""
    w = weights(program)
    if cell == FACTORS:
        p, q, b = (w[f"score-{name}/embeddings"] for name in ("embedding", "embedding_1", "embedding_2"))
        return lambda user, item: p[user] @ q[item] + b[item, 0]
    q = w["item-embedding/embeddings"]
    kernel, constant = w.get("score-dense/kernel"), w.get("score-dense/bias")
    if cell == MIXED:
        p = w["user-embedding/embeddings"]
        return lambda user, item: (np.concatenate([p[user] * q[item], p[user]]) @ kernel + constant).item()
    if cell == STEPS:
        return lambda vector, item: vector @ q[item]
    return lambda vector, item: (np.concatenate([vector * q[item], vector]) @ kernel + constant).item()


def queries(program, cell, batch):
    """Yield (query, item) of every prediction of a batch: the user's row, or the vector of the bare prefix."""
    users, items = log(program)
    if cell in (FACTORS, MIXED):
        yield from ((users[end], items[end]) for end in batch["ends"])
        return
    w = weights(program)
    for end in batch["ends"]:
        start = int(np.flatnonzero(users == users[end])[0])
        for at in range(end - LENGTH + 1, end + 1):
            before = items[max(start, end - LENGTH):max(at, start)]
            yield (gru(w, w["item-embedding/embeddings"][before]), items[at]) if len(before) else None  # a padded step


def gru(w, steps):
    """The last state of a gated recurrent unit (Cho et al. 2014, the reset gate after the product, as in Keras)."""
    names = [f"past-gru/gru_cell/{name}" for name in ("kernel", "recurrent_kernel", "bias")]
    kernel, recurrent, (bias, inner_bias) = (w[name] for name in names)
    state = np.zeros(4)
    for step in steps:
        given, inner = np.split(step @ kernel + bias, 3), np.split(state @ recurrent + inner_bias, 3)
        update, reset = (1 / (1 + np.exp(-given[at] - inner[at])) for at in (0, 1))
        state = update * state + (1 - update) * np.tanh(given[2] + reset * inner[2])
    return state


def softmax(positive, others):
    scores = np.array([positive, *others])
    return np.log(np.exp(scores).sum()) - positive


def bpr(positive, others):
    return np.mean([np.log1p(np.exp(other - positive)) for other in others])


CELLS = pytest.mark.parametrize("cell", [FACTORS, MIXED, STEPS, MIXED_STEPS], ids=["dot", "mixed", "steps", "both"])


@CELLS
@pytest.mark.parametrize("loss, plain", [("CategoricalCrossentropy", softmax), ("BPR", bpr)])
@pytest.mark.parametrize("count", [1, 3])
def test_against_drawn_negatives(cell, loss, plain, count):
    program = shaken(cell + f"loss = {loss}()\nnegatives = uniform({count})")
    batch, pair = one_batch(program, 8), score(program, cell)
    pairs = list(queries(program, cell, batch))
    losses = [plain(pair(*each), [pair(each[0], other) for other in drawn])
              for each, drawn in zip(pairs, batch["negatives"]) if each is not None]
    assert len(pairs) == len(batch["negatives"])
    assert objective(program, batch) == pytest.approx(np.mean(losses), rel=1e-4)


@CELLS
def test_against_the_whole_catalogue(cell):
    program = shaken(cell + "loss = CategoricalCrossentropy()\nnegatives = catalogue()")
    batch, pair = one_batch(program, 8), score(program, cell)
    catalogue = np.flatnonzero(program.data.items.warm)
    losses = [softmax(pair(query, item), [pair(query, other) for other in catalogue if other != item])
              for query, item in filter(None, queries(program, cell, batch))]
    assert objective(program, batch) == pytest.approx(np.mean(losses), rel=1e-4)


@CELLS
@pytest.mark.parametrize("negatives", ["uniform(6, shared=True)", "popular(6, 0.5, shared=True)"])
def test_against_what_a_batch_shares_without_accidental_hits(cell, negatives):
    program = shaken(cell + f"loss = CategoricalCrossentropy()\nnegatives = {negatives}")
    batch, pair = one_batch(program, 8), score(program, cell)
    assert batch["negatives"].shape == (6,)
    pairs = list(filter(None, queries(program, cell, batch)))
    assert {item for _, item in pairs} & set(batch["negatives"])  # there are accidental hits
    _, items = log(program)
    rate = np.bincount(items, minlength=17)[1:] ** (0.5 if "popular" in negatives else 0.0)
    log_q = np.log(np.concatenate([[1], rate / rate.sum()]))
    losses = [softmax(pair(query, item) - log_q[item],
                      [pair(query, other) - log_q[other] for other in batch["negatives"] if other != item])
              for query, item in pairs]
    assert objective(program, batch) == pytest.approx(np.mean(losses), rel=1e-4)


@CELLS
@pytest.mark.parametrize("correction", [True, False])
def test_against_the_batch_without_accidental_hits(cell, correction):
    program = shaken(cell + f"loss = CategoricalCrossentropy()\nnegatives = in_batch(correction={correction})")
    batch, pair = one_batch(program, 8), score(program, cell)
    pairs = list(filter(None, queries(program, cell, batch)))
    positives = [item for _, item in pairs]
    assert len(set(positives)) < len(positives)  # there are accidental hits
    _, items = log(program)
    log_q = np.log(np.bincount(np.concatenate([[0], items]), minlength=17) / len(items))
    # In a batch of sequences the candidates are the distinct positives; in one of pairs, the other rows' positives.
    candidates = positives if cell in (FACTORS, MIXED) else sorted(set(positives))
    taken = log_q if correction else np.zeros(17)
    losses = [softmax(pair(query, item) - taken[item],
                      [pair(query, other) - taken[other] for other in candidates if other != item])
              for query, item in pairs]
    assert objective(program, batch) == pytest.approx(np.mean(losses), rel=1e-4)


@pytest.mark.parametrize("negatives", ["uniform(5)", "uniform(5, shared=True)", "in_batch(correction=False)"])
def test_a_head_that_normalises_a_batch_sees_positives_among_their_candidates(negatives):
    """Were they normalised apart, a positive would be told by that alone."""
    program = shaken(MIXED + f"loss = CategoricalCrossentropy()\nnegatives = {negatives}")
    batch, pair = one_batch(program, 8), score(program, MIXED)
    pairs = list(queries(program, MIXED, batch))
    positives = [item for _, item in pairs]
    others = batch.get("negatives", positives)
    others = others if np.ndim(others) == 2 else [others] * len(pairs)
    scores = np.array([[pair(query, other) for other in (item, *drawn)] for (query, item), drawn in zip(pairs, others)])
    seen = scores[:, 1:] if negatives.startswith("in_batch") else scores  # its candidates hold the positives themselves
    scores = (scores - seen.mean()) / np.sqrt(seen.var() + 0.001)
    losses = [softmax(row[0], [each for each, other in zip(row[1:], drawn) if other != item])
              for row, (_, item), drawn in zip(scores, pairs, others)]
    normalised = compiled(MIXED.rstrip() + " >> BatchNormalization(scale=False, center=False)\n"
                          f"loss = CategoricalCrossentropy()\nnegatives = {negatives}")
    normalised.cut.set_weights([*program.cut.get_weights(), *normalised.cut.get_weights()[-2:]])
    assert objective(normalised, batch) == pytest.approx(np.mean(losses), rel=1e-3)


def test_popular_negatives_are_corrected_for_their_rate_under_softmax_only():
    softly = shaken(FACTORS + "loss = CategoricalCrossentropy()\nnegatives = popular(3, 0.5)")
    batch, pair = one_batch(softly), score(softly, FACTORS)
    _, items = log(softly)
    rate = np.bincount(items, minlength=17)[1:] ** 0.5
    log_q = np.log(np.concatenate([[1], rate / rate.sum()]))
    losses = [softmax(pair(user, item) - log_q[item], [pair(user, other) - log_q[other] for other in drawn])
              for (user, item), drawn in zip(queries(softly, FACTORS, batch), batch["negatives"])]
    assert objective(softly, batch) == pytest.approx(np.mean(losses), rel=1e-4)
    pairwise = shaken(FACTORS + "loss = BPR()\nnegatives = popular(3, 0.5)")
    losses = [bpr(pair(user, item), [pair(user, other) for other in drawn])
              for (user, item), drawn in zip(queries(pairwise, FACTORS, batch), batch["negatives"])]
    assert objective(pairwise, batch) == pytest.approx(np.mean(losses), rel=1e-4)


def test_l2_counts_the_rows_looked_up_per_example():
    plain = "user = embedding(user_id, 4{})\nitem = concat(embedding(item_id, 2{}), embedding(genres, 2{}))\n"
    rest = "score = user @ item\nloss = BPR()\nnegatives = uniform(2)"
    bare = shaken(plain.format("", "", "") + rest)
    penalised = shaken(plain.format(", l2=0.1", ", l2=0.2", ", l2=0.3") + rest)
    batch, w = one_batch(bare), weights(bare)
    users, items = log(bare)
    genres = bare.data.column("genres").values
    user_rows = np.sum(w["user-embedding/embeddings"][users[batch["ends"]]] ** 2)
    looked_up = np.concatenate([items[batch["ends"]], batch["negatives"].ravel()])
    item_rows = np.sum(w["item-embedding/embeddings"][looked_up] ** 2)
    codes = genres[looked_up]
    genre_rows = np.sum(w["item-embedding_1/embeddings"][codes[codes > 0]] ** 2)
    expected = (0.1 * user_rows + 0.2 * item_rows + 0.3 * genre_rows) / len(batch["ends"])
    assert objective(penalised, batch) - objective(bare, batch) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("inside", ["embedding(item_id, 4{})", "concat(embedding(item_id, 4{}), embedding(genres, 2))"])
def test_l2_of_a_sequence_counts_real_steps_only(inside):
    width = 4 if inside.startswith("embedding") else 6
    rest = f"past = history(item, {LENGTH}) >> GRU({width}, return_sequences=True)\nscore = past @ item\nloss = BPR()\n"
    rest += "negatives = uniform(2)"
    bare, penalised = (shaken(f"item = {inside.format(l2)}\n{rest}") for l2 in ("", ", l2=0.2"))
    batch, w = one_batch(bare, 8), weights(bare)
    users, items = log(bare)
    squares = np.sum(w["item-embedding/embeddings"] ** 2, axis=1)
    penalty, count = 0.0, 0
    for place, end in enumerate(batch["ends"]):
        start = int(np.flatnonzero(users == users[end])[0])
        real = [at for at in range(end - LENGTH + 1, end + 1) if at > start]
        penalty += squares[items[max(start, end - LENGTH):end]].sum() + squares[items[real]].sum()
        penalty += squares[batch["negatives"].reshape(len(batch["ends"]), LENGTH, 2)[place, LENGTH - len(real):]].sum()
        count += len(real)
    assert objective(penalised, batch) - objective(bare, batch) == pytest.approx(0.2 * penalty / count, rel=1e-4)


def test_steps_that_are_no_positives_are_no_examples():
    from tests.compiler.tiny import data

    program = shaken(STEPS + "loss = CategoricalCrossentropy()\nnegatives = catalogue()",
                     of=data(positive="rating >= 3"))
    batch, pair = one_batch(program, 8), score(program, STEPS)
    arrays, _ = parts(program, 8)
    numbers = [at for end in batch["ends"] for at in range(end - LENGTH + 1, end + 1)]
    catalogue = np.flatnonzero(program.data.items.warm)
    losses = [softmax(pair(*each), [pair(each[0], other) for other in catalogue if other != each[1]])
              for each, at in zip(queries(program, STEPS, batch), numbers)
              if each is not None and arrays["log/example"][at] > 0]
    assert 0 < len(losses) < len(list(filter(None, queries(program, STEPS, batch))))
    assert objective(program, batch) == pytest.approx(np.mean(losses), rel=1e-4)


def list_mle(labels, scores):
    return sum(np.log(sum(np.exp(s) for y, s in zip(labels, scores) if y <= label)) - score
               for label, score in zip(labels, scores))


@CELLS
def test_a_users_own_rows_are_put_in_order(cell):
    program = shaken(cell + "loss = ListMLE(4)\ntarget = rating")
    batch, pair = one_batch(program, 8), score(program, cell)
    arrays, _ = parts(program, 8)
    if cell in (FACTORS, MIXED):
        rows, real, length = batch["ends"], batch["real"].astype(bool), 4
        pairs = [each if kept else None for each, kept in zip(queries(program, cell, batch), real)]
    else:  # a list is a window: the tiny data has a rating in every row
        length = LENGTH
        rows = [at for end in batch["ends"] for at in range(end - LENGTH + 1, end + 1)]
        pairs = list(queries(program, cell, batch))
    total = 0.0
    for start in range(0, len(rows), length):
        kept = [place for place in range(start, start + length) if pairs[place] is not None]
        labels = [arrays["log/target"][rows[place]] for place in kept]
        total += list_mle(labels, [pair(*pairs[place]) for place in kept])
    count = sum(each is not None for each in pairs)
    assert 0 < count < len(pairs)
    assert objective(program, batch) == pytest.approx(total / count, rel=1e-4)


def test_l2_of_lists_counts_real_rows_only():
    cell = "score = embedding(user_id, 4{}) @ embedding(item_id, 4{})\nloss = ListMLE(4)"
    bare, penalised = (shaken(cell.format(*l2)) for l2 in (("", ""), (", l2=0.1", ", l2=0.2")))
    batch, w = one_batch(bare, 8), weights(bare)
    users, items = log(bare)
    real = batch["ends"][batch["real"] > 0]
    squares = 0.1 * np.sum(w["score-embedding/embeddings"][users[real]] ** 2)
    squares += 0.2 * np.sum(w["score-embedding_1/embeddings"][items[real]] ** 2)
    assert len(real) < len(batch["ends"])
    assert objective(penalised, batch) - objective(bare, batch) == pytest.approx(squares / len(real), rel=1e-4)


def test_a_labelled_pair_is_compared_with_its_label_and_a_number_with_its_value():
    binary = shaken(FACTORS + "loss = BinaryCrossentropy()\ntarget = at_least(rating, 4)")
    number = shaken(FACTORS + "loss = Huber(delta=0.5)")
    batch, pair = one_batch(binary), score(binary, FACTORS)
    arrays, _ = parts(number, 24)
    ratings = arrays["log/target"][batch["ends"]]
    scores = np.array([pair(*each) for each in queries(binary, FACTORS, batch)])
    labels = ratings >= 4
    expected = np.mean(np.log1p(np.exp(-np.where(labels, 1, -1) * scores)))
    assert objective(binary, batch) == pytest.approx(expected, rel=1e-4)
    off = np.abs(scores - ratings)
    expected = np.mean(np.where(off <= 0.5, off**2 / 2, 0.5 * (off - 0.25)))
    assert objective(number, batch) == pytest.approx(expected, rel=1e-4)
