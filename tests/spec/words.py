"""A small complete vocabulary: our own words as the language page has them, and some classes as Keras has them."""

from recmagic.spec import Parameter, Vocabulary, Word


def _word(kind: str, name: str, *parameters: str, **defaults: object) -> Word:
    """A word with required parameters, `*many` ones, and those with a default."""
    required = tuple(Parameter(each.lstrip("*"), required=True, many=each.startswith("*")) for each in parameters)
    return Word(name, kind, required + tuple(Parameter(name, default=value) for name, value in defaults.items()))


VALUES = (
    _word("value", "embedding", "column", "width", l2=0, initializer=None, unknown=0),
    _word("value", "bias", column=None, l2=0),
    _word("value", "number", "column"),
    _word("value", "buckets", "column", "count"),
    _word("value", "words", "column"),
    _word("value", "tokens", "column", "length"),
    _word("value", "fields", "width", side=None, also=[]),
    _word("value", "history", "value", "length"),
    _word("value", "profile", "value"),
    _word("value", "propagate", "own", "other", layers=3),
    _word("value", "concat", "*values"),
    _word("value", "mean", "x"),
    _word("value", "last", "x"),
)
LAYERS = (
    _word(
        "layer",
        "Dense",
        "units",
        activation=None,
        use_bias=True,
        kernel_initializer="glorot_uniform",
        kernel_regularizer=None,
    ),
    _word("layer", "Activation", "activation"),
    _word("layer", "GRU", "units", activation="tanh", return_sequences=False),
    _word("layer", "Bidirectional", "layer", merge_mode="concat"),
    _word("layer", "FeatureCross", projection_dim=None),
    _word("layer", "DotInteraction", self_interaction=False),
    _word("layer", "Identity"),
    _word("layer", "Resizing", size=(2, 3)),
)
LOSSES = (
    _word("loss", "MeanSquaredError"),
    _word("loss", "BinaryCrossentropy", from_logits=False, label_smoothing=0.0),
    _word("loss", "CategoricalCrossentropy"),
    _word("loss", "BPR"),
)
OTHERS = (
    _word("optimizer", "Adam", learning_rate=0.001, beta_1=0.9),
    _word("schedule", "CosineDecay", "initial_learning_rate", "decay_steps", alpha=0.0),
    _word("initializer", "Identity", gain=1.0),
    _word("initializer", "RandomNormal", mean=0.0, stddev=0.05),
    _word("regularizer", "L2", l2=0.01),
    _word("metric", "BinaryCrossentropy", threshold=0.5),
    _word("metric", "ndcg", "k"),
    _word("metric", "recall", "k"),
    _word("negatives", "uniform", "n", shared=False),
    _word("negatives", "popular", "n", power=0.75),
    _word("negatives", "in_batch", correction=True),
    _word("negatives", "catalogue"),
    _word("target", "at_least", "column", "threshold"),
    _word("target", "next_item"),
    _word("augment", "crop", "rate"),
    _word("augment", "mask", "rate"),
    _word("weights", "balanced", column=None),
    _word("scorer", "EASE", regularization=500.0),
    _word("search", "choose", "*options"),
    _word("function", "relu"),
    _word("function", "sigmoid"),
    _word("function", "tanh"),
)
VOCABULARY = Vocabulary(VALUES + LAYERS + LOSSES + OTHERS, {"Lambda": "It holds Python code."})
