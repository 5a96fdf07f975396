"""What of Keras and of our own folders a cell may say, as plain names: to know them imports nothing."""

from __future__ import annotations

# The folder is the registry: every module in it holds one public word of the language, named like its file.
FOLDERS = (
    ("recmagic.layers", "layer"),
    ("recmagic.losses", "loss"),
    ("recmagic.negatives", "negatives"),
    ("recmagic.augment", "augment"),
    ("recmagic.scorers", "scorer"),
    ("recmagic.compiler.words", "value"),
    ("recmagic.compiler.targets", "target"),
    ("recmagic.compiler.weights", "weights"),
)
# Functions whose first parameter the compiler fills, not the cell: the builder, the rows, the ranks.
FILLED_FIRST = ("value", "weights", "metric")
REFUSED = {
    "Lambda": "Lambda would run code from a text. Put the function in a layer class marked @recmagic.layer.",
    "TFSMLayer": "TFSMLayer runs a program from a file. Use a Keras layer, or a class marked @recmagic.layer.",
    "TorchModuleWrapper": "TorchModuleWrapper works on one backend only. Write a Keras layer marked @recmagic.layer.",
    "JaxLayer": "JaxLayer works on one backend only. Write a Keras layer marked @recmagic.layer.",
    "FlaxLayer": "FlaxLayer works on one backend only. Write a Keras layer marked @recmagic.layer.",
    "InputLayer": "Inputs are columns here: name a column, as in embedding(user_id, 32).",
    "RemoveAccidentalHits": "Accidental hits are always hidden here: write negatives = in_batch().",
    "BruteForceRetrieval": "Ranking the whole catalogue is what %recommend does.",
    "StringLookup": "Columns are encoded for you: write embedding(column, width).",
    "IntegerLookup": "Columns are encoded for you: write embedding(column, width).",
    "Hashing": "Columns are encoded for you: write embedding(column, width).",
    "TextVectorization": "Write words(column) or tokens(column, length).",
    "Discretization": "Write buckets(column, count).",
}
# Regression losses keep Keras's classes; the ranking losses of the language are our own, in losses/.
REGRESSION = ("MeanSquaredError", "MeanAbsoluteError", "Huber", "LogCosh")
ABSTRACT = {"Layer", "Wrapper", "Loss", "Optimizer", "LearningRateSchedule", "Initializer", "Regularizer",
            "Constraint", "OptimizerMap", "MultiOptimizer", "LossScaleOptimizer"}
NOT_ACTIVATIONS = {"get", "serialize", "deserialize"}
# Set by the compiler (names come from the statement; a score is a logit), so no cell may set them.
NOT_SETTINGS = ("name", "reduction", "from_logits")
