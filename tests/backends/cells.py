"""Cells that between them use every kind of word, layer, loss and negatives: what the backends are compared on."""

from recmagic.compiler.vocabulary import objects

ITEM = "item = embedding(item_id, 4)\n"
FACTORS = "score = embedding(user_id, 4) @ embedding(item_id, 4) + bias(item_id)\n"
MIXED = "score = concat(embedding(user_id, 4), embedding(item_id, 4)) >> Dense(4, relu) >> Dense(1)\n"
STEPS = ITEM + "past = history(item, 5) >> GRU(4, return_sequences=True)\nscore = past @ item\n"
MIXED_STEPS = STEPS.replace("past @ item", "concat(past * item, past) >> Dense(1)")
PAST = ITEM + "past = history(item, 5)\nscore = {} @ item\n"
FEW = "negatives = uniform(2)"
DRAWING = ("layers: latent",)  # each framework draws its own noise in a step, so only the scores can agree

LAYERS = {
    "columns": """old = embedding(buckets(age, 3), 2)
user = concat(embedding(user_id, 4), embedding(country, 2), number(age), old)
item = concat(embedding(item_id, 4, l2=0.01), embedding(genres, 3), embedding(words(title), 2), number(price))
score = (user >> Dense(4)) @ (item >> Dense(4)) + bias(user_id) + bias(item_id) + bias()
""",
    "normalised": """user = embedding(user_id, 6) >> Dense(6, relu) >> BatchNormalization()
item = embedding(item_id, 6) >> LayerNormalization() >> Dense(6, gelu)
score = concat(user * item, user) >> BatchNormalization() >> Dense(1)
""",
    "tokens": """item = concat(embedding(item_id, 3), embedding(tokens(title, 4), 3) >> GRU(3))
score = embedding(user_id, 6) @ item
""",
    "context": """situation = concat(embedding(device, 3), number(minutes)) >> Dense(3)
score = concat(situation, embedding(user_id, 2)) @ concat(embedding(item_id, 3), embedding(genres, 2))
""",
    "interactions": """step = concat(embedding(item_id, 3), number(minutes), embedding(device, 2))
past = history(step, 4) >> Bidirectional(GRU(2, return_sequences=True))
score = mean(past) @ embedding(item_id, 4)
""",
    "lstm": PAST.format("(past >> LSTM(4))"),
    "convolution": PAST.format("(past >> Conv1D(4, 2, padding='causal', activation=relu) >> GlobalMaxPooling1D())"),
    "attention": PAST.format("((past, past) >> MultiHeadAttention(2, 2) >> GlobalAveragePooling1D())"),
    "profile": ITEM + "score = (mean(profile(item)) >> Dense(4, tanh)) @ item\n",
    "transformer": ITEM + "past = history(item, 5) >> PositionEmbedding() >> TransformerBlock(heads=2, causal=True)\n"
                          "score = past @ item\n",
    "hstu": PAST.format("last(past >> HSTUBlock(heads=2))"),
    "dilated": PAST.format("last(past >> NextItNetBlock(kernel=2))"),
    "caser": PAST.format("(past >> CaserConvolution(3, 2) >> Dense(4))"),
    "target attention": ITEM + "seen = (history(item, 5), item) >> TargetAttention([4])\n"
                               "score = concat(seen, item) >> Dense(1)\n",
    "fields": """columns = fields(4)
x = concat(columns)
deep = (x, x) >> FeatureCross() >> Dense(4, relu) >> Dense(1)
score = deep + (columns >> FactorizationMachine()) + (columns >> DotInteraction() >> Dense(1))
""",
    "experts": """x = concat(embedding(user_id, 3), embedding(item_id, 3))
experts = x >> Experts(2, 3)
score = (experts, x) >> ExpertGate() >> Dense(1)
""",
    "two scores": """x = concat(embedding(user_id, 3), embedding(item_id, 3)) >> Dense(4, relu)
like = x >> Dense(1)
stars = x >> Dense(1)
score = [like, stars]
target = [at_least(rating, 4), rating]
rank_by = stars
""",
    "two streams": """user = embedding(user_id, 4)
item = embedding(item_id, 4)
own = (user, item) >> FeatureGate(3)
score = (own, item) >> BilinearFusion(2)
""",
    "latent": PAST.format("(mean(past) >> GaussianLatent(4, seed=3))"),
    "propagated": "user = embedding(user_id, 4)\n" + ITEM
                  + "score = propagate(user, item, 1) @ propagate(item, user, 1)\nloss = CategoricalCrossentropy()\n",
    "profiles": ITEM + "score = (mean(profile(item)) >> Dense(4)) @ item + bias(item_id)\ntarget = profile_items()\n",
    "every step": STEPS,
    "hidden steps": PAST.format("(past >> PositionEmbedding() >> TransformerBlock(heads=2))")
                    + "target = masked_item(0.4)\n",
    "every step mixed": MIXED_STEPS,
}


def cells() -> dict[str, str]:
    """All cells by name."""
    ranks = {name: "profile_items" not in cell and "rank_by" not in cell for name, cell in LAYERS.items()}
    found = {f"layers: {name}": cell + (FEW if ranks[name] else "") for name, cell in LAYERS.items()}
    return found | losses() | negatives()


def losses() -> dict[str, str]:
    """A cell for every loss that a cell may name, and for those on a 0/1 target one beside it."""
    found = {}
    for (kind, name), made in sorted(objects().items(), key=lambda each: each[0]):
        if kind == "loss":
            listwise = getattr(made, "kind", None) == "listwise"
            found[f"losses: {name}"] = f"{FACTORS}loss = {name}()" + ("\ntarget = rating" if listwise else "")
            if hasattr(made, "labelled"):
                found[f"losses: {name} of labels"] = f"{FACTORS}loss = {name}()\ntarget = at_least(rating, 4)"
    return found


def negatives() -> dict[str, str]:
    """Every kind of negatives under a softmax, over pairs and over every step."""
    kinds = ("uniform(3)", "popular(3)", "uniform(6, shared=True)", "popular(6, shared=True)", "in_batch()",
             "catalogue()")
    assert {name for kind, name in objects() if kind == "negatives"} == {kind.partition("(")[0] for kind in kinds}
    return {f"negatives: {kind} of {label}": f"{cell}loss = CategoricalCrossentropy()\nnegatives = {kind}"
            for kind in kinds for label, cell in (("pairs", FACTORS), ("steps", STEPS))}


# Trained for two epochs: the optimizers that each backend has its own code for, and state that a step leaves behind.
TRAINED = {
    "likely positives": FACTORS + "loss = BPR()\noptimizer = Adam(0.05)\n"
                        "augment = [pseudo_labels(EASE(5.0), items=12, users=9)]",
    "normalised": LAYERS["normalised"] + "loss = BinaryCrossentropy()\ntarget = at_least(rating, 4)\n"
                  "optimizer = AdamW(CosineDecay(0.02, 8), weight_decay=0.1, global_clipnorm=0.5)",
    "every step": LAYERS["transformer"] + "negatives = catalogue()\noptimizer = SGD(0.1, momentum=0.9)",
}
