"""What a cell may say: our words are those of the golden file, and every class of Keras can be read."""

import inspect
from pathlib import Path

import keras
import pytest

from recmagic.compiler.keras_names import REFUSED
from recmagic.compiler.settings import NOT_SETTINGS
from recmagic.compiler.vocabulary import objects, vocabulary
from tests.compiler.tiny import METRICS

GOLDEN = Path(__file__).with_name("words.txt")
OURS = ("value", "negatives", "target", "metric")


def told(word):
    """A word as a line: kind, name, and its parameters, `...` behind one that takes any number."""
    parameters = [f"{each.name}{'...' if each.many else '' if each.required else f'={each.default!r}'}"
                  for each in word.parameters]
    return f"{word.kind} {word.name}({', '.join(parameters)})"


def test_our_words_are_those_of_the_golden_file():
    """A new word is a new line: `KERAS_BACKEND=jax python -m tests.compiler.test_vocabulary` writes the file anew."""
    assert golden() == GOLDEN.read_text()


def golden():
    known = objects()
    words = [word for word in vocabulary(METRICS).words
             if word.kind in OURS or known.get((word.kind, word.name), keras).__module__.startswith("recmagic.")]
    return "".join(sorted(told(word) + "\n" for word in words))


@pytest.mark.parametrize("name", sorted(name for kind, name in objects() if kind == "layer"))
def test_every_layers_settings_are_those_of_its_constructor(name):
    word = vocabulary().find(name, ["layer"])
    signature = inspect.signature(objects()["layer", name].__init__)
    parameters = list(signature.parameters.values())[1:]
    names = [each.name for each in parameters if each.kind is not each.VAR_KEYWORD]
    extra = ["trainable", "dtype"] if len(names) < len(parameters) else []
    ours = [each.name for each in word.parameters]
    assert ours == [each for each in [*names, *extra] if each not in NOT_SETTINGS]
    assert "args" not in ours and "kwargs" not in ours and word.doc


def test_keras_and_keras_rs_are_there_and_the_refused_are_not():
    words = vocabulary(METRICS)
    for name, kind in (("Dense", "layer"), ("FeatureCross", "layer"), ("Adam", "optimizer"), ("relu", "function"),
                       ("CosineDecay", "schedule"), ("L2", "regularizer"), ("HeNormal", "initializer"),
                       ("MaxNorm", "constraint"), ("Huber", "loss"), ("ndcg", "metric")):
        assert words.find(name, [kind]), name
    assert not set(REFUSED) & set(words.names())
    assert len(words.names(["layer"])) > 100


def test_ours_win_over_keras():
    assert objects()["loss", "BinaryCrossentropy"].__module__ == "recmagic.losses.binary_crossentropy"
    assert [each.name for each in vocabulary().find("BinaryCrossentropy", ["loss"]).parameters] == ["label_smoothing"]


if __name__ == "__main__":
    GOLDEN.write_text(golden())
