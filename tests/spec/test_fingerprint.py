"""The fingerprint sees what a cell means, not how it is written."""

import pytest

from recmagic.spec import Parameter, Vocabulary, Word, bind, fingerprint, read
from recmagic.spec.tree import Call, Literal
from tests.spec.words import VOCABULARY


def of(value: str, before: str = "") -> str:
    return fingerprint(read(f"{before}x = {value}\nscore = bias()", VOCABULARY), VOCABULARY)


@pytest.mark.parametrize(
    "one, other",
    [
        ("Dense(64, relu)", "Dense(units=64, activation=relu)"),
        ("Dense(64, relu)", "Dense(activation=relu, units=64)"),
        ("Dense(64, relu)", "Dense(64, 'relu')"),
        ("Dense(64)", "Dense(64, None, True)"),
        ("Dense(64)", "Dense(64.0)"),
        ("Dense(64)", "  Dense( 0x40 )  # wide"),
        ("Dense(8, kernel_initializer=Identity(1.0))", "Dense(8, kernel_initializer=Identity(gain=1))"),
        ("embedding(user_id, 8)", "embedding(column('user_id'), 8, l2=0.0, initializer=None)"),
        ("Resizing()", "Resizing((2, 3))"),
        ("bias() + (bias())", "bias(None) + bias(l2=0)"),
    ],
)
def test_one_model_has_one_fingerprint(one: str, other: str) -> None:
    assert of(one) == of(other)


@pytest.mark.parametrize(
    "one, other",
    [
        ("Dense(64)", "Dense(65)"),
        ("Dense(64)", "Dense(64, use_bias=False)"),
        ("Dense(64, use_bias=0)", "Dense(64, use_bias=False)"),
        ("Dense(1)", "Dense(True)"),
        ("Dense(64)", "Dense(64, use_bias=1)"),
        ("Resizing((2, 3))", "Resizing([2, 3])"),
        ("Resizing((2, 3))", "Resizing((3, 2))"),
        ("embedding(age, 8)", "embedding('age', 8)"),
        ("bias() @ number(age)", "number(age) @ bias()"),
        ("bias() * bias()", "bias() + bias()"),
        ("(bias(), bias()) >> FeatureCross()", "[bias(), bias()] >> FeatureCross()"),
        ("concat(bias(), number(age))", "concat(number(age), bias())"),
        ("concat(number(age))", "concat(number(size))"),
    ],
)
def test_other_models_have_others(one: str, other: str) -> None:
    assert of(one) != of(other)


def test_a_name_is_not_the_column_that_it_hides() -> None:
    before = "age = number(size)\n"
    assert of("concat(age)", before) != of("concat(column('age'))", before)


def test_names_of_statements_count_and_the_text_does_not() -> None:
    one, other = (
        fingerprint(read(text, VOCABULARY), VOCABULARY) for text in ("a = 1\nscore = bias()", "b = 1\nscore = bias()")
    )
    assert one != other
    assert len(one) == 16


def test_a_new_parameter_with_a_default_changes_no_fingerprint() -> None:
    grown = tuple(
        Word(word.name, word.kind, (*word.parameters, Parameter("new", default="zeros")))
        if word.name == "Dense"
        else word
        for word in VOCABULARY.words
    )
    spec = read("score = bias() >> Dense(8, relu)", VOCABULARY)
    assert fingerprint(spec, Vocabulary(grown)) == fingerprint(spec, VOCABULARY)


def test_arguments_are_bound_to_parameters() -> None:
    word = Word("f", "value", (Parameter("a"), Parameter("rest", many=True), Parameter("b")))
    call = Call("f", (Literal(1), Literal(2), Literal(3)), (("b", Literal(4)),))
    assert bind(word, call) == {"a": Literal(1), "rest": (Literal(2), Literal(3)), "b": Literal(4)}
