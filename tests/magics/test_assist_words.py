"""The words that completion reads from source text are those of the compiler's vocabulary, which asks the classes."""

import subprocess
import sys

import keras
import pytest

import recmagic
from recmagic.compiler.keras_names import USER_PACKAGE, user_layers
from recmagic.compiler.vocabulary import vocabulary
from recmagic.magics.assist import words
from recmagic.spec.vocabulary import KINDS

REAL = vocabulary(words.METRICS)
BY_CODE = {"DistributedEmbedding"}  # its base class is chosen by the backend, when it is imported


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_has_the_same_names(kind):
    of_other_tests = {name for _, name in user_layers()}  # a layer that a test has marked stays in its process
    assert sorted(set(words.names((kind,))) - of_other_tests) == REAL.names((kind,))


def test_parameters_and_defaults_are_the_same():
    for real in REAL.words:
        read = words.find(real.name, (real.kind,))
        assert read is not None, real
        if real.name not in BY_CODE:
            assert [(each.name, each.required, each.many, str(each.default).lower().replace("(", "[").replace(")", "]"))
                    for each in read.parameters] == [
                        (each.name, each.required, each.many,
                         str(each.default).lower().replace("(", "[").replace(")", "]")) for each in real.parameters]


def test_the_first_paragraph_is_the_same():
    differ = [real.name for real in REAL.words
              if words.find(real.name, (real.kind,)).doc.split("\n\n")[0].replace("\n", " ") != real.doc]
    assert len(differ) < 8, differ  # a few inherit their documentation from afar


def test_a_layer_of_the_users_is_a_word():
    @recmagic.layer
    class Scaled(keras.layers.Layer):
        """Times a number."""

        def __init__(self, by=2.0, **options):
            super().__init__(**options)
            self.by = by

    try:
        assert words.names(("layer",))["Scaled"] == "layer"
        assert [each.name for each in words.find("Scaled").parameters] == ["by", "trainable", "dtype"]
    finally:
        keras.saving.get_custom_objects().pop(f"{USER_PACKAGE}>Scaled")


def test_reading_them_imports_no_keras():
    code = ("import sys; from recmagic.magics.assist import words; from recmagic.spec.vocabulary import KINDS; "
            "assert 'Dense' in words.names(KINDS) and words.find('Dense').parameters; "
            "assert 'keras' not in sys.modules and 'pandas' not in sys.modules")
    subprocess.run([sys.executable, "-c", code], check=True)
